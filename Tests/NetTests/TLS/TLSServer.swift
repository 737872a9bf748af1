/// OpenSSL's own `s_server`: a TLS server we did not write, that answers every GET with a page about the connection.
struct TLSServer {
    let port: Int

    /// Serves `https://localhost:PORT/` with the certificate `name` while `body` runs.
    static func run<Value>(
        _ certificates: Certificates, as name: String, options: [String] = [],
        _ body: (TLSServer) async throws -> Value
    ) async throws -> Value {
        let arguments =
            [
                "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificates.path("\(name).pem"), "-key",
                certificates.path("\(name).key"), "-www",
            ] + options
        return try await ForeignServer.run(arguments) { said in
            said.firstMatch(of: #/ACCEPT 127\.0\.0\.1:(\d+)\s/#).flatMap { Int($0.1) }.map(TLSServer.init)
        } _: {
            try await body($0)
        }
    }
}
