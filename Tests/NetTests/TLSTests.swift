import Foundation
import Logging
import PraisonCore
import Testing

@testable import PraisonNet

@Suite(.timeLimit(.minutes(3))) struct `a TLS server` {
    @Test(arguments: ["1.2", "1.3"]) func `serves curl`(version: String) async throws {
        try await serve { address, certificates in
            let result = try await Tool.run([
                "curl", "-sS", "--noproxy", "*", "--cacert", certificates.authority, "--tlsv\(version)", "--tls-max",
                version, "https://localhost:\(address.port)/",
            ])
            #expect(result.output == "hello\n")
        }
    }

    @Test func `ends a body without length with a farewell`() async throws {
        try await serve { address, certificates in
            let result = try await Tool.run([
                "curl", "-sS", "--noproxy", "*", "--http1.0", "--cacert", certificates.authority,
                "https://localhost:\(address.port)/stream",
            ])
            // curl would complain about a connection cut without close_notify.
            #expect(result.output == "streamed")
            #expect(result.status == 0)
        }
    }

    @Test func `chooses HTTP/1.1 by ALPN, and refuses who speaks only something else`() async throws {
        try await serve { address, _ in
            let port = address.port
            let chosen = try await judge(port, "-alpn", "h2,http/1.1")
            #expect(chosen.output.contains("ALPN protocol: http/1.1"))
            let refused = try await judge(port, "-alpn", "h2")
            #expect(refused.output.contains("no application protocol"))
        }
    }

    @Test func `speaks no TLS before 1.2, and never renegotiates`() async throws {
        try await serve { address, _ in
            let old = try await judge(address.port, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
            #expect(old.status != 0)
            let again = try await judge(address.port, "-tls1_2", input: "R\n")
            #expect(again.output.contains("no renegotiation"))
        }
    }

    @Test func `tells a client that speaks HTTP in the clear`() async throws {
        try await serve { address, _ in
            let text = try await RawConnection.open(address) { reader, writer in
                try await writer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                return try await reader.rest()
            }
            #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(text.hasSuffix("this port speaks https\n"))
        }
    }

    @Test func `hangs up on a handshake that does not end`() async throws {
        try await serve(.init(headerTimeout: .milliseconds(200))) { address, _ in
            let text = try await RawConnection.open(address) { reader, writer in
                try? await writer.send([0x16, 0x03, 0x01, 0x02, 0x00])
                return try await reader.rest()
            }
            #expect(text.isEmpty)
        }
    }

    @Test func `serves WebSockets, long messages too`() async throws {
        try await serve { address, certificates in
            let client = NIOWebSocketClient(
                configuration: .init(trust: try TrustStore(only: certificates.authority), compressesMessages: false),
                logger: .silent)
            for host in ["localhost", "127.0.0.1"] {
                try await client.connect(to: "wss://\(host):\(address.port)/ws", limits: .patient) { connection in
                    for size in [1, 16_384, 1_000_000] {
                        let message = WebSocketMessage.binary([UInt8](repeating: 7, count: size))
                        try await connection.send(message)
                        #expect(try await connection.receive() == message)
                    }
                }
            }
        }
    }

    @Test func `shows connections to come a new certificate, and keeps the others`() async throws {
        try await Certificates.make { certificates in
            try await certificates.issue("server")
            try await certificates.issue("second")
            let tls = try TLSConfiguration(
                certificate: certificates.path("server.pem"), privateKey: certificates.path("server.key"))
            try await serve(.init(tls: tls)) { address in
                let client = NIOWebSocketClient(
                    configuration: .init(trust: try TrustStore(only: certificates.authority)), logger: .silent)
                try await client.connect(to: "wss://localhost:\(address.port)/ws", limits: .patient) { connection in
                    #expect(try await judge(address.port).output.contains("subject=CN = server"))
                    try certificates.replace("server", by: "second")
                    try tls.reload()
                    #expect(try await judge(address.port).output.contains("subject=CN = second"))
                    try await connection.send(.text("still here"))
                    #expect(try await connection.receive() == .text("still here"))
                }
            }
        }
    }

    private func serve(
        _ configuration: HTTPServer.Configuration = .init(),
        _ body: @escaping @Sendable (HTTPServer.Address, Certificates) async throws -> Void
    ) async throws {
        try await Certificates.make { certificates in
            try await certificates.issue("server")
            var configuration = configuration
            configuration.tls = try TLSConfiguration(
                certificate: certificates.path("server.pem"), privateKey: certificates.path("server.key"))
            try await serve(configuration) { try await body($0, certificates) }
        }
    }

    private func serve(
        _ configuration: HTTPServer.Configuration,
        _ body: @escaping @Sendable (HTTPServer.Address) async throws -> Void
    ) async throws {
        try await HTTPServer.serve(configuration) { request in
            switch request.path {
            case "/ws": HTTPResponse(status: 101, body: .webSocket(Converse.echo))
            case "/stream": HTTPResponse(status: 200, body: .stream(.whole(Array("streamed".utf8))))
            default: .text("hello\n")
            }
        } _: {
            #expect($0.url.hasPrefix("https://"))
            try await body($0)
        }
    }

    private func judge(_ port: Int, _ options: String..., input: String = "Q\n") async throws -> Tool.Result {
        try await Tool.run(
            ["openssl", "s_client", "-connect", "127.0.0.1:\(port)", "-servername", "localhost"] + options,
            input: input)
    }
}

@Suite(.timeLimit(.minutes(3))) struct `a TLS client` {
    @Test func `trusts no one it was not told to trust`() async throws {
        #expect(
            try await failure(connecting: "localhost", trusting: false)
                == "the certificate of localhost can't be trusted: unable to get local issuer certificate")
    }

    @Test func `insists on the name it asked for`() async throws {
        #expect(
            try await failure(connecting: "localhost", certificateFor: "DNS:elsewhere.example")
                == "the certificate of localhost can't be trusted: hostname mismatch")
        #expect(
            try await failure(connecting: "127.0.0.1", certificateFor: "DNS:localhost")
                == "the certificate of 127.0.0.1 can't be trusted: IP address mismatch")
    }

    @Test func `refuses a certificate whose time is up`() async throws {
        #expect(
            try await failure(connecting: "localhost", days: -1)
                == "the certificate of localhost can't be trusted: certificate has expired")
    }

    @Test func `says that a server does not speak TLS`() async throws {
        try await HTTPServer.serve { _ in
            .text("")
        } _: { address in
            let client = NIOWebSocketClient(logger: .silent)
            let error = await #expect(throws: WebSocketConnectError.self) {
                try await client.connect(to: "wss://localhost:\(address.port)/", limits: .patient) { _ in }
            }
            #expect(error?.tlsDetail?.hasPrefix("TLS handshake failed: ") == true)
        }
    }

    private func failure(
        connecting host: String, certificateFor hosts: String = "DNS:localhost,IP:127.0.0.1", days: Int = 2,
        trusting: Bool = true
    ) async throws -> String? {
        try await Certificates.make { certificates in
            try await certificates.issue("server", for: hosts, days: days)
            let tls = try TLSConfiguration(
                certificate: certificates.path("server.pem"), privateKey: certificates.path("server.key"))
            return try await HTTPServer.serve(.init(tls: tls)) { _ in
                .text("")
            } _: { address in
                let client = NIOWebSocketClient(
                    configuration: .init(trust: trusting ? try TrustStore(only: certificates.authority) : nil),
                    logger: .silent)
                let error = await #expect(throws: WebSocketConnectError.self) {
                    try await client.connect(to: "wss://\(host):\(address.port)/", limits: .patient) { _ in }
                }
                return error?.tlsDetail
            }
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `a certificate and its key` {
    @Test func `are refused with the file and what is wrong with it`() async throws {
        try await Certificates.make { certificates in
            try await certificates.issue("server")
            try await certificates.issue("other")
            let (certificate, key) = (certificates.path("server.pem"), certificates.path("server.key"))
            let text = certificates.path("text.pem")
            try Data("hello\n".utf8).write(to: URL(filePath: text))
            let locked = certificates.path("locked.key")
            try await Certificates.openssl("pkey", "-in", key, "-aes256", "-passout", "pass:secret", "-out", locked)
            let missing = certificates.path("missing.pem")

            #expect(error(missing, key) == "\(missing): cannot be read: no such file or directory")
            #expect(error(certificate, missing) == "\(missing): cannot be read: no such file or directory")
            #expect(
                error(text, key) == "\(text): there is no certificate in PEM format (-----BEGIN CERTIFICATE-----)")
            #expect(
                error(certificate, text)
                    == "\(text): there is no private key in PEM format (-----BEGIN PRIVATE KEY-----)")
            let other = certificates.path("other.key")
            #expect(
                error(certificate, other) == "\(other): the key does not belong to the certificate in \(certificate)")
            #expect(error(certificate, locked)?.hasPrefix("\(locked): the key is protected by a passphrase") == true)
            #expect(error(certificate, key) == nil)
        }
    }

    @Test func `are read again when they have changed, and kept when the new ones don't fit`() async throws {
        try await Certificates.make { certificates in
            try await certificates.issue("server")
            try await certificates.issue("second")
            let tls = try TLSConfiguration(
                certificate: certificates.path("server.pem"), privateKey: certificates.path("server.key"))
            var failures: [TLSConfigurationError] = []
            var now = ContinuousClock.now
            func next() -> TLSContext {
                now += .seconds(2)
                return tls.current(now: now) { failures.append($0) }
            }
            let first = next()
            #expect(first === next())
            try certificates.replace("server", by: "second", key: false)
            #expect(first === next())
            #expect(failures.map(\.isPrivateKey) == [true])
            #expect(first === next())
            #expect(failures.count == 1)
            try certificates.replace("server", by: "second")
            #expect(first !== next())
            #expect(failures.count == 1)
        }
    }

    private func error(_ certificate: String, _ key: String) -> String? {
        do {
            _ = try TLSConfiguration(certificate: certificate, privateKey: key)
            return nil
        } catch {
            return error.description
        }
    }
}

extension Certificates {
    /// Writes another certificate, and its key, into the files called `name`.
    fileprivate func replace(_ name: String, by other: String, key: Bool = true) throws {
        for suffix in key ? ["pem", "key"] : ["pem"] {
            let data = try Data(contentsOf: URL(filePath: path("\(other).\(suffix)")))
            try data.write(to: URL(filePath: path("\(name).\(suffix)")), options: .atomic)
        }
    }
}

extension WebSocketConnectError {
    fileprivate var tlsDetail: String? {
        guard case .transport(let error) = self, error.reason == .tls else { return nil }
        return error.detail
    }
}
