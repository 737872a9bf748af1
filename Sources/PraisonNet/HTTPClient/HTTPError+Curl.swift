import CCurl
import COpenSSL
import PraisonCore

/// How libcurl says that a transfer failed.
struct CurlFailure {
    var code: CURLcode
    /// libcurl's words. They can hold anything, so they are only used where they name a protocol's error.
    var text: String
    /// `errno` of the system call that failed, or 0.
    var systemError: Int32
    /// OpenSSL's verdict on the certificate: 0 is good, 1 is none.
    var verification: Int
    /// What a proxy answered when it was asked for a tunnel, or 0.
    var tunnelStatus: Int
    /// Where the proxy is that was to be asked, if any; without credentials.
    var proxy: String?

    init(
        _ code: CURLcode, text: String = "", systemError: Int32 = 0, verification: Int = 0, tunnelStatus: Int = 0,
        proxy: String? = nil
    ) {
        self.code = code
        self.text = text
        self.systemError = systemError
        self.verification = verification
        self.tunnelStatus = tunnelStatus
        self.proxy = proxy
    }

    init(_ code: CURLcode, of easy: EasyHandle, proxy: String?) {
        self.init(
            code, text: easy.errorText, systemError: Int32(clamping: easy.information(CURLINFO_OS_ERRNO)),
            verification: easy.information(CURLINFO_SSL_VERIFYRESULT),
            tunnelStatus: easy.information(CURLINFO_HTTP_CONNECTCODE), proxy: proxy)
    }
}

extension HTTPError {
    /// - Parameter hasSent: whether any byte of the request may have left.
    init(_ failure: CurlFailure, at url: TargetURL, hasSent: Bool) {
        let (reason, detail) = Self.explain(failure, url, hasSent)
        self.init(reason, mayHaveReachedServer: hasSent, detail: detail)
    }

    private static func explain(_ failure: CurlFailure, _ url: TargetURL, _ hasSent: Bool) -> (Reason, String) {
        let cause = failure.systemError == 0 ? nil : systemMessage(failure.systemError)
        let proxy = failure.proxy.map { " " + $0 } ?? ""
        let detour = failure.proxy.map { " (by the proxy \($0))" } ?? ""
        switch failure.code {
        case CURLE_COULDNT_RESOLVE_HOST: return (.couldNotResolve, "could not resolve the name \(url.host)")
        case CURLE_COULDNT_RESOLVE_PROXY: return (.couldNotResolve, "could not resolve the name of the proxy\(proxy)")
        case CURLE_PROXY: return (.couldNotConnect, "the proxy\(proxy) did not connect to \(url.authority)")
        case _ where !hasSent && failure.tunnelStatus >= 300:
            let wish = failure.tunnelStatus == 407 ? " (it wants a user name and a password)" : ""
            let answer = "it answered \(failure.tunnelStatus)\(wish)"
            return (.couldNotConnect, "the proxy\(proxy) did not connect to \(url.authority): \(answer)")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_CACERT_BADFILE:
            return (.tls, certificateFault(failure, url))
        case CURLE_SSL_CONNECT_ERROR where isRefusal(failure):
            return (.tls, "no secure connection to \(url.authority): \(protocolWords(failure, url))")
        case CURLE_OPERATION_TIMEDOUT where !hasSent:
            return (.connectTimeout, "no connection to \(url.authority) in time\(detour)")
        case CURLE_OPERATION_TIMEDOUT:
            return (.closed, "the connection timed out")
        case _ where !hasSent:
            return (.couldNotConnect, "could not connect to \(url.authority)\(detour)\(cause.map { ": \($0)" } ?? "")")
        case CURLE_GOT_NOTHING: return (.closed, "the connection was closed before the response")
        case CURLE_PARTIAL_FILE: return (.closed, "the connection was closed before the response was complete")
        case CURLE_SEND_ERROR: return (.closed, "the connection broke while sending\(cause.map { ": \($0)" } ?? "")")
        case CURLE_RECV_ERROR where cause != nil || !saysGarbage(failure.text):
            return (.closed, "the connection broke before the response was complete\(cause.map { ": \($0)" } ?? "")")
        case CURLE_HTTP2, CURLE_HTTP2_STREAM:
            return (.closed, "the HTTP/2 exchange was broken off: \(protocolWords(failure, url))")
        case CURLE_RECV_ERROR, CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING,
            CURLE_WRITE_ERROR:
            return (.other, "\(url.authority) answered something that is not HTTP")
        default: return (.other, String(cString: curl_easy_strerror(failure.code)).lowercased())
        }
    }

    private static func certificateFault(_ failure: CurlFailure, _ url: TargetURL) -> String {
        guard failure.verification > 1 else {
            return "the certificate of \(url.authority) is not good: \(protocolWords(failure, url))"
        }
        let verdict = String(cString: X509_verify_cert_error_string(failure.verification))
        return "the certificate of \(url.authority) is not trusted: \(verdict)"
    }

    /// Whether a handshake failed for what was said in it, not because the connection broke.
    private static func isRefusal(_ failure: CurlFailure) -> Bool {
        failure.systemError == 0 && failure.text.contains("error:") && !failure.text.contains("unexpected eof")
    }

    /// Whether the words are about bytes that came, not about bytes that didn't.
    private static func saysGarbage(_ text: String) -> Bool {
        ["chunk", "hex", "Content-Length", "header", "Transfer-Encoding"].contains { text.contains($0) }
    }

    /// libcurl's words on a protocol's error, unless they quote the URL.
    private static func protocolWords(_ failure: CurlFailure, _ url: TargetURL) -> String {
        let words = failure.text.isEmpty ? String(cString: curl_easy_strerror(failure.code)) : failure.text
        let isQuote = words.contains("://") || words.contains("/bot")
        return isQuote ? String(cString: curl_easy_strerror(failure.code)) : words
    }
}
