import PraisonCore
import PraisonNet
import PraisonSimulation
import Testing

@Suite(.timeLimit(.minutes(2))) struct `whatever a server answers` {
    static let seeds: [String] = [
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-A: b\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nX-Folded: a\r\n b\r\n\r\nuntil the end",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 25\r\n\r\n"
            + "\u{1f}\u{8b}\u{8}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{3}",
    ]

    /// One of the seeds with a few bytes changed, left out, doubled or cut off.
    static func answer(_ entropy: SeededEntropy) -> [UInt8] {
        func number(_ bound: Int) -> Int { min(Int(entropy.fraction() * Double(bound)), bound - 1) }
        var bytes = Array(seeds[number(seeds.count)].utf8)
        for _ in 0..<number(4) {
            let place = number(bytes.count)
            switch number(5) {
            case 0: bytes[place] = UInt8(number(256))
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(contentsOf: bytes[place...].prefix(1 + number(20)), at: place)
            case 3: bytes = Array(bytes[..<max(place, 1)])
            default: bytes.insert(contentsOf: [13, 10], at: place)
            }
            if bytes.isEmpty { break }
        }
        return bytes
    }

    @Test func `the request ends, with a response or an error that quotes nothing secret`() async throws {
        let entropy = SeededEntropy(seed: 2026)
        try await withClientAndServer { connection in
            while try await connection.request() != nil {
                try await connection.send(Self.answer(entropy))
                // The end is part of the answer: otherwise most would wait for more.
                return
            }
        } _: { client, server in
            for number in 0..<1000 {
                let request = HTTPRequest(number % 3 == 0 ? .post : .get, server.url + "/bot1:secret", limits: .patient)
                do throws(HTTPError) {
                    let response = try await client.execute(request)
                    #expect((200...999).contains(response.status))
                } catch {
                    #expect(error.mayHaveReachedServer)
                    #expect([.closed, .other, .bodyTooLarge].contains(error.reason), "\(error.reason)")
                    #expect(!error.detail.contains("secret"))
                }
            }
        }
    }
}
