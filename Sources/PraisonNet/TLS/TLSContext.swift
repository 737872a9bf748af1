internal import COpenSSL

#if canImport(Glibc)
    import Glibc
#endif

/// What connections have in common: protocol versions, certificates, whom to trust.
///
/// Unchecked because OpenSSL's `SSL_CTX` may be shared between threads once it is set up, which `init` sees to.
final class TLSContext: @unchecked Sendable {
    let pointer: OpaquePointer

    private init(isServer: Bool) {
        pointer = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method())
        SSL_CTX_ctrl(pointer, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        SSL_CTX_ctrl(pointer, SSL_CTRL_MODE, Int(SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER), nil)
        // Tickets resume sessions; a cache would only grow.
        SSL_CTX_ctrl(pointer, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
        // SSL_OP_NO_COMPRESSION and SSL_OP_NO_RENEGOTIATION, which are macros Swift can't see.
        SSL_CTX_set_options(pointer, 1 << 17 | 1 << 30)
        // For TLS 1.2: forward secrecy and authenticated encryption only. TLS 1.3 has nothing else.
        SSL_CTX_set_cipher_list(pointer, "ECDHE+AESGCM:ECDHE+CHACHA20")
    }

    deinit { SSL_CTX_free(pointer) }

    // MARK: - Servers

    static func server(certificate: String, privateKey: String) throws(TLSConfigurationError) -> TLSContext {
        let context = TLSContext(isServer: true)
        try context.use(certificate: certificate)
        try context.use(privateKey: privateKey, of: certificate)
        SSL_CTX_set_alpn_select_cb(context.pointer, selectHTTP, nil)
        return context
    }

    /// Everything that keeps the two files from being used.
    static func problems(certificate: String, privateKey: String) -> [TLSConfigurationError] {
        do {
            _ = try server(certificate: certificate, privateKey: privateKey)
            return []
        } catch {
            guard !error.isPrivateKey else { return [error] }
            // The key can't be held against the certificate, but it can be looked at.
            let reason = TLSContext(isServer: true).problem(
                with: privateKey, lacking: "PRIVATE KEY-----", "private key")
            return [error]
                + (reason.map { [TLSConfigurationError(file: privateKey, reason: $0, isPrivateKey: true)] } ?? [])
        }
    }

    private func use(certificate: String) throws(TLSConfigurationError) {
        let error = { (reason: String) in
            TLSConfigurationError(file: certificate, reason: reason, isPrivateKey: false)
        }
        if let reason = problem(with: certificate, lacking: "CERTIFICATE-----", "certificate") { throw error(reason) }
        ERR_clear_error()
        guard SSL_CTX_use_certificate_chain_file(pointer, certificate) == 1 else {
            throw error(TLSError.last("the certificate can't be used").description)
        }
    }

    private func use(privateKey: String, of certificate: String) throws(TLSConfigurationError) {
        let error = { (reason: String) in
            TLSConfigurationError(file: privateKey, reason: reason, isPrivateKey: true)
        }
        if let reason = problem(with: privateKey, lacking: "PRIVATE KEY-----", "private key") { throw error(reason) }
        ERR_clear_error()
        // Without it OpenSSL would ask for a passphrase on the terminal.
        var asked = false
        let result = withUnsafeMutablePointer(to: &asked) { asked in
            SSL_CTX_set_default_passwd_cb(pointer) { _, _, _, asked in
                asked?.assumingMemoryBound(to: Bool.self).pointee = true
                return -1
            }
            SSL_CTX_set_default_passwd_cb_userdata(pointer, asked)
            defer { SSL_CTX_set_default_passwd_cb_userdata(pointer, nil) }
            return SSL_CTX_use_PrivateKey_file(pointer, privateKey, SSL_FILETYPE_PEM)
        }
        if result == 1, SSL_CTX_check_private_key(pointer) == 1 { return }
        if asked { throw error("the key is protected by a passphrase; remove it with `openssl pkey -in KEY -out KEY`") }
        let errors = OpenSSLErrors.take()
        if errors.contain(ERR_LIB_X509, X509_R_KEY_VALUES_MISMATCH)
            || errors.contain(ERR_LIB_X509, X509_R_KEY_TYPE_MISMATCH)
        {
            throw error("the key does not belong to the certificate in \(certificate)")
        }
        throw error("the key can't be used: \(errors.words ?? "unknown reason")")
    }

    /// What keeps a file from being read, or that it is no PEM file of its kind.
    private func problem(with path: String, lacking mark: String, _ name: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "cannot be read: \(systemMessage(errno).lowercased())" }
        defer { close(file) }
        // Chains are some kilobytes; no need to read a disk image to the end.
        let text = [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
            while count < buffer.count {
                let got = read(file, buffer.baseAddress?.advanced(by: count), buffer.count - count)
                guard got > 0 else { break }
                count += got
            }
        }
        guard text.firstRange(of: Array(mark.utf8)) == nil else { return nil }
        return "there is no \(name) in PEM format (-----BEGIN \(mark))"
    }

    // MARK: - Clients

    static func client(trust: TrustStore) -> TLSContext {
        let context = TLSContext(isServer: false)
        SSL_CTX_set1_cert_store(context.pointer, trust.store)
        SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER, nil)
        SSL_CTX_set_alpn_protos(context.pointer, httpProtocol, UInt32(httpProtocol.count))
        return context
    }
}

/// `http/1.1` as ALPN writes it, with its length before it (RFC 7301 §3.1).
private let httpProtocol: [UInt8] = [8] + Array("http/1.1".utf8)

/// Picks HTTP/1.1, or 1.0, and refuses clients that speak ALPN but neither (RFC 7301 §3.2).
private func selectHTTP(
    _: OpaquePointer?, selected: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, length: UnsafeMutablePointer<UInt8>?,
    offered: UnsafePointer<UInt8>?, count: UInt32, _: UnsafeMutableRawPointer?
) -> Int32 {
    for wanted in ["http/1.1", "http/1.0"] {
        var position = 0
        while let offered, position < Int(count) {
            let size = min(Int(offered[position]), Int(count) - position - 1)
            let name = UnsafeBufferPointer(start: offered + position + 1, count: size)
            if name.elementsEqual(wanted.utf8) {
                selected?.pointee = name.baseAddress
                length?.pointee = UInt8(size)
                return SSL_TLSEXT_ERR_OK
            }
            position += 1 + size
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}
