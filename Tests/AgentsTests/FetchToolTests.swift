import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite struct `fetching a page` {
    private func fetch(_ url: String, _ server: any HTTPHandler) async throws -> String {
        let tool = FetchTool(http: InMemoryHTTPClient(server))
        return try await tool.run(
            try JSONDocument(parsing: JSONValue.object(["url": .string(url)]).bytes()), for: .make("x"))
    }

    private func failure(_ url: String, _ responses: HTTPResponse...) async -> String {
        do {
            return "no failure: " + (try await fetch(url, ScriptedServer(responses)))
        } catch {
            return "\(error)"
        }
    }

    @Test func `gives what a person would read`() async throws {
        let page = """
            <!DOCTYPE html><html><head><title>The &amp; page</title><style>p { color: red }</style></head>
            <body><nav><a href="/">Home</a></nav><h1>News</h1><p>First <b>para</b>graph,\n two&nbsp;lines.</p>
            <script>if (1 < 2) document.write("<p>no</p>")</script><!-- <p>never</p> -->
            <ul><li>one</li><li>two <i title="a > b">words</i></li></ul><pre>  a\n    b</pre>
            <table><tr><td>x</td><td>y</td></tr></table><p>1 < 2</p><footer>contact</footer></body></html>
            """
        let text = try await fetch("https://example.org/", ScriptedServer([.text(page, type: "text/html")]))
        #expect(
            text == """
                The & page

                # News

                First paragraph, two lines.

                - one
                - two words

                  a
                    b

                x y

                1 < 2
                """)
    }

    @Test func `goes to public addresses only, at every step`() async throws {
        let server = ScriptedServer([
            HTTPResponse(status: 302, headers: ["Location": "http://127.0.0.1:8765/secret"]),
            HTTPResponse(status: 301, headers: ["Location": "//other.test/end"]), .text("plain words"),
        ])
        #expect(try await fetch("https://example.org/start", server) == "plain words")
        #expect(
            server.seen.map(\.target) == [
                "https://example.org/start", "http://127.0.0.1:8765/secret", "http://other.test/end",
            ])
        #expect(server.seen.allSatisfy { $0.reach == .publicAddresses })
    }

    @Test(arguments: [
        "", "example.org", "ftp://example.org/", "file:///etc/passwd", "http://", "http://user:pw@example.org/",
        "http://exa mple.org/", "gopher://x", "http://evil@127.0.0.1/",
    ])
    func `takes no other kind of address`(_ url: String) async throws {
        let server = ScriptedServer([.text("no")])
        await #expect(throws: ToolError.self) { try await fetch(url, server) }
        #expect(server.seen.isEmpty)
    }

    @Test func `says what came instead of a page`() async {
        #expect(await failure("http://x.test/", .text("", status: 404)).contains("status 404"))
        #expect(await failure("http://x.test/", .text("..", type: "image/png")).contains("image/png"))
        #expect(await failure("http://x.test/", .text("<script>x</script>", type: "text/html")).contains("no text"))
        let around = HTTPResponse(status: 302, headers: ["Location": "http://x.test/"])
        #expect(await failure("http://x.test/", around).contains("without end"))
        #expect(
            await failure("http://x.test/", HTTPResponse(status: 302, headers: ["Location": "file:///etc"]))
                .contains("whole address"))
        let broken = InMemoryHTTPClient.failure(.couldNotResolve, mayHaveReachedServer: false)
        #expect(await failure("http://x.test/", broken).contains("can't be fetched"))
    }

    @Test func `reads older character sets`() async throws {
        let latin: [UInt8] = [0x63, 0x61, 0x66, 0xE9, 0x20, 0x80]
        for type in ["text/plain; charset=ISO-8859-1", "text/plain; charset=\"windows-1252\""] {
            let response = HTTPResponse(status: 200, headers: ["Content-Type": type], body: .bytes(latin))
            #expect(try await fetch("http://x.test/", ScriptedServer([response])) == "café €")
        }
    }

    /// Whatever the bytes, the reader ends and gives text.
    @Test func `survives any page`() {
        let page = Array(
            "<html><title>T</title><p class='x'>a<b>b</b></p><!-- c --><script>s</script><pre>&amp;&#x41;&#999999999;"
                .utf8)
        let entropy = SeededEntropy(seed: 7)
        for _ in 0..<2000 {
            var bytes = page
            for _ in 0..<(1 + entropy.number(8)) {
                let place = entropy.number(bytes.count)
                switch entropy.number(3) {
                case 0: bytes[place] = UInt8(entropy.number(256))
                case 1: bytes.remove(at: place)
                default: bytes.insert(contentsOf: Array("</<!--\"'>&".utf8).shuffledPart(entropy.number(9)), at: place)
                }
            }
            _ = ReadableText(html: String(decoding: bytes, as: UTF8.self)).text
        }
    }
}

extension [UInt8] {
    fileprivate func shuffledPart(_ count: Int) -> [UInt8] { Array(suffix(count)) }
}

extension SeededEntropy {
    fileprivate func number(_ bound: Int) -> Int { Int(fraction() * Double(bound)) }
}
