internal import COpenSSL
import PraisonCore

/// Why a TLS connection did not come about, or broke.
struct TLSError: Error, Equatable, CustomStringConvertible {
    let description: String
    /// The other end did not speak TLS but HTTP in the clear.
    var isPlainHTTP = false

    init(_ description: String) { self.description = description }

    /// `what` with OpenSSL's own words for it.
    static func last(_ what: String) -> TLSError {
        let errors = OpenSSLErrors.take()
        var error = TLSError(errors.words.map { "\(what): \($0)" } ?? what)
        error.isPlainHTTP = errors.contain(ERR_LIB_SSL, SSL_R_HTTP_REQUEST)
        return error
    }

    var httpError: HTTPError { HTTPError(.tls, mayHaveReachedServer: false, detail: description) }
}

/// What OpenSSL has noted since its list was last cleared, the cause first.
struct OpenSSLErrors {
    private let codes: [UInt]

    /// Reads the calling thread's list, and clears it.
    static func take() -> OpenSSLErrors {
        var codes: [UInt] = []
        while case let code = ERR_get_error(), code != 0 { codes.append(code) }
        return OpenSSLErrors(codes: codes)
    }

    func contain(_ library: Int32, _ reason: Int32) -> Bool {
        codes.contains { Int32($0 >> 23 & 0xFF) == library && Int32($0 & 0x7F_FFFF) == reason }
    }

    var words: String? {
        codes.last.flatMap(ERR_reason_error_string).map { String(cString: $0) }
    }
}
