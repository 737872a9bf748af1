import PraisonCore
import Testing

@testable import PraisonNet

@Suite(.timeLimit(.minutes(2))) struct `a request for public addresses only` {
    private let answering: ScriptedServer.Script = { connection in
        while try await connection.request() != nil { try await connection.respond("secret") }
    }

    private func publicRequest(_ url: String) -> HTTPRequest {
        var request = HTTPRequest(.get, url)
        request.reach = .publicAddresses
        return request
    }

    @Test func `connects to no server on this machine, by figures or by name`() async throws {
        try await withClientAndServer(script: answering) { client, server in
            let port = server.url.split(separator: ":").last ?? ""
            for host in ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"] {
                let error = await failure(of: client, publicRequest("http://\(host):\(port)/"))
                #expect(error?.reason == .forbiddenAddress, "\(host)")
                #expect(error?.mayHaveReachedServer == false)
            }
            #expect(server.accepted == 0)
        }
    }

    @Test func `uses no connection that another request has left open`() async throws {
        try await withClientAndServer(script: answering) { client, server in
            let response = try await client.execute(HTTPRequest(.get, server.url + "/"))
            #expect(response.text == "secret")
            let error = await failure(of: client, publicRequest(server.url + "/"))
            #expect(error?.reason == .forbiddenAddress)
            #expect(server.accepted == 1)
        }
    }

    @Test func `asks no proxy, which could go anywhere`() async throws {
        try await ScriptedServer.run(answering) { proxy in
            try await withClient({ $0.proxies = ProxySettings { $0 == "http_proxy" ? proxy.url : nil } }) { client in
                let error = await failure(of: client, publicRequest("http://192.168.255.254:9/"))
                #expect(error?.reason == .forbiddenAddress)
                #expect(proxy.accepted == 0)
            }
        }
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.0.1", "172.32.0.1", "100.63.0.1", "192.0.3.1", "198.17.0.1",
        "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
    ])
    func `takes what is public`(_ address: String) {
        #expect(PublicAddress.isPublic(address))
    }

    @Test(arguments: [
        "0.0.0.0", "10.1.2.3", "127.0.0.1", "127.255.255.255", "100.100.100.200", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.168.0.1", "192.0.0.192", "198.18.0.1", "203.0.113.1", "224.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fd00:ec2::254", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
        "64:ff9b::10.0.0.1", "2002:7f00:1::", "2001:db8::1", "2001::1", "3fff::1", "fe80::1%eth0", "localhost", "",
    ])
    func `takes nothing else`(_ address: String) {
        #expect(!PublicAddress.isPublic(address))
    }
}
