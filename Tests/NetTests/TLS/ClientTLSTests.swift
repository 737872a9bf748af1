import Foundation
import PraisonCore
import PraisonNet
import Testing

@Suite(.timeLimit(.minutes(2))) struct `the HTTP client over TLS` {
    enum Bad: String {
        case wrongHost, expired, selfSigned

        func issue(_ certificates: Certificates) async throws {
            switch self {
            case .wrongHost: try await certificates.issue(rawValue, for: "DNS:example.com")
            case .expired: try await certificates.issue(rawValue, days: -1)
            case .selfSigned:
                try await Certificates.openssl(
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    "/CN=test",
                    "-addext", "subjectAltName=DNS:localhost", "-keyout", certificates.path("\(rawValue).key"),
                    "-out", certificates.path("\(rawValue).pem"))
            }
        }
    }

    private func request(_ port: Int, host: String = "localhost") -> HTTPRequest {
        HTTPRequest(.get, "https://\(host):\(port)/bot1:secret", limits: .patient)
    }

    @Test(arguments: ["localhost", "127.0.0.1"])
    func `trusts an authority it was given`(_ host: String) async throws {
        try await Certificates.make { certificates in
            try await certificates.issue("good")
            try await TLSServer.run(certificates, as: "good") { server in
                let trust = try TrustStore(only: certificates.authority)
                try await withClient {
                    $0.trust = trust
                } _: { client in
                    let response = try await client.execute(request(server.port, host: host))
                    #expect(response.status == 200)
                    #expect(response.text.contains("Cipher"))
                }
            }
        }
    }

    @Test func `trusts an authority beside the system's`() async throws {
        try await Certificates.make { certificates in
            try await certificates.issue("good")
            try await TLSServer.run(certificates, as: "good") { server in
                let trust = try TrustStore.system(and: certificates.authority)
                try await withClient {
                    $0.trust = trust
                } _: { client in
                    let response = try await client.execute(request(server.port))
                    #expect(response.status == 200)
                }
            }
        }
    }

    @Test(arguments: [
        (Bad.wrongHost, "no alternative certificate subject name matches target host name"),
        (.expired, "certificate has expired"),
        (.selfSigned, "self-signed certificate"),
    ])
    func `refuses a certificate that does not prove the host`(_ certificate: Bad, _ why: String)
        async throws
    {
        try await Certificates.make { certificates in
            try await certificate.issue(certificates)
            try await TLSServer.run(certificates, as: certificate.rawValue) { server in
                let trust = try TrustStore(only: certificates.authority)
                try await withClient {
                    $0.trust = trust
                } _: { client in
                    let error = await failure(of: client, request(server.port))
                    #expect(error?.reason == .tls)
                    #expect(error?.mayHaveReachedServer == false)
                    #expect(error?.detail.contains(why) == true, "\(error?.detail ?? "")")
                    #expect(error?.detail.contains("localhost:\(server.port)") == true)
                    #expect(error?.detail.contains("secret") == false)
                }
            }
        }
    }

    @Test func `refuses an authority nobody named`() async throws {
        try await Certificates.make { certificates in
            try await certificates.issue("good")
            try await TLSServer.run(certificates, as: "good") { server in
                try await withClient { client in
                    let error = await failure(of: client, request(server.port))
                    #expect(error?.reason == .tls)
                    #expect(
                        error?.detail
                            == "the certificate of localhost:\(server.port) is not trusted: "
                            + "unable to get local issuer certificate")
                }
            }
        }
    }

    @Test func `refuses versions of TLS that are too old`() async throws {
        try await Certificates.make { certificates in
            try await certificates.issue("good")
            let options = ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]
            try await TLSServer.run(certificates, as: "good", options: options) { server in
                let trust = try TrustStore(only: certificates.authority)
                try await withClient {
                    $0.trust = trust
                } _: { client in
                    let error = await failure(of: client, request(server.port))
                    #expect(error?.reason == .tls)
                    #expect(error?.mayHaveReachedServer == false)
                }
            }
        }
    }

    @Test func `tells a server that breaks off the handshake from one that is not to be trusted`() async throws {
        try await withClientAndServer { connection in
            _ = await connection.read()
        } _: { client, server in
            let error = await failure(of: client, request(server.port))
            #expect(error?.reason == .couldNotConnect)
            #expect(error?.mayHaveReachedServer == false)
        }
    }

    @Test func `tells a server that does not speak TLS`() async throws {
        try await withClientAndServer { connection in
            _ = await connection.read()
            try await connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            await connection.closed()
        } _: { client, server in
            let error = await failure(of: client, request(server.port))
            #expect(error?.reason == .tls)
            #expect(error?.mayHaveReachedServer == false)
        }
    }

    @Test func `names a file of authorities that is none`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "praison-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "ca.pem").path
        let missing = #expect(throws: TrustStore.InvalidAuthorities.self) { try TrustStore(only: file) }
        #expect(missing?.description == "\(file): cannot be read: No such file or directory")
        try "no certificate".write(toFile: file, atomically: true, encoding: .utf8)
        let empty = #expect(throws: TrustStore.InvalidAuthorities.self) { try TrustStore.system(and: file) }
        #expect(empty?.description == "\(file): holds no certificate in PEM format")
    }
}
