import COpenSSL
import Glibc

/// The certificate authorities a server's certificate may come from.
///
/// Read once and used for every connection: OpenSSL takes 20 ms to read a system's whole bundle.
public final class TrustStore: @unchecked Sendable {  // OpenSSL's stores have a lock of their own
    /// An `X509_STORE`, valid as long as this object.
    let store: OpaquePointer

    /// What is wrong with a file of certificates.
    public struct InvalidAuthorities: Error, CustomStringConvertible {
        public let description: String
    }

    /// The system's authorities: those of OpenSSL's own folder, or of the environment's `SSL_CERT_FILE` and
    /// `SSL_CERT_DIR`, or of the usual bundles of other systems.
    ///
    /// - Parameter authorities: a PEM file of certificates that are trusted too.
    /// - Throws: ``InvalidAuthorities`` about that file.
    public static func system(and authorities: String? = nil) throws -> TrustStore {
        let trust = try TrustStore()
        trust.addSystem()
        if let authorities { try trust.add(authorities) }
        return trust
    }

    /// Only the authorities in the PEM file at `path`.
    public convenience init(only path: String) throws {
        try self.init()
        try add(path)
    }

    private init() throws {
        guard let store = X509_STORE_new() else {
            throw InvalidAuthorities(description: "there is no memory for a store of certificates")
        }
        self.store = store
        // As libcurl has it: the nearest certificate that is trusted ends the chain.
        X509_STORE_set_flags(store, UInt(X509_V_FLAG_TRUSTED_FIRST) | UInt(X509_V_FLAG_PARTIAL_CHAIN))
    }

    deinit { X509_STORE_free(store) }

    private func addSystem() {
        X509_STORE_set_default_paths(store)
        let folder = String(cString: X509_get_default_cert_dir())
        guard access(folder, R_OK) != 0 else { return }
        // A program linked statically looks where its own system keeps them.
        let bundles = [
            "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
            "/etc/ssl/ca-bundle.pem",
        ]
        if let bundle = bundles.first(where: { access($0, R_OK) == 0 }) { X509_STORE_load_file(store, bundle) }
        ERR_clear_error()
    }

    private func add(_ path: String) throws {
        guard access(path, R_OK) == 0 else {
            throw InvalidAuthorities(description: "\(path): cannot be read: \(systemMessage(errno))")
        }
        let isLoaded = X509_STORE_load_file(store, path) == 1
        ERR_clear_error()
        guard isLoaded else {
            throw InvalidAuthorities(description: "\(path): holds no certificate in PEM format")
        }
    }
}
