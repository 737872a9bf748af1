import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite struct `an event stream` {
    private func events(_ text: String, pieceSize: Int = .max, limit: Int = 1000) throws -> [String] {
        var parser = ServerSentEventParser(limit: limit)
        let bytes = Array(text.utf8)
        var events: [ServerSentEventParser.Event] = []
        for start in stride(from: 0, to: bytes.count, by: min(pieceSize, max(bytes.count, 1))) {
            events += try parser.feed(Array(bytes[start..<min(start + min(pieceSize, bytes.count), bytes.count)]))
        }
        if let last = try parser.finish() { events.append(last) }
        return events.map { "\($0.type)=\(String(decoding: $0.data, as: UTF8.self))" }
    }

    @Test(arguments: [
        ("data: one\n\ndata: two\n\n", ["message=one", "message=two"]),
        ("data:one\n\n", ["message=one"]),
        ("data:  two spaces\n\n", ["message= two spaces"]),
        ("data: a\ndata: b\n\n", ["message=a\nb"]),
        ("data\n\n", ["message="]),
        ("event: error\ndata: x\n\ndata: y\n\n", ["error=x", "message=y"]),
        ("event: lonely\n\ndata: y\n\n", ["message=y"]),
        (": comment\n\n:\ndata: x\n: between\ndata: y\n\n", ["message=x\ny"]),
        ("\u{FEFF}data: x\n\n", ["message=x"]),
        ("data: x\r\rdata: y\r\n\r\ndata: z\n\n", ["message=x", "message=y", "message=z"]),
        ("data: x\r\n\r\n\r\ndata: y\r\n\r\n", ["message=x", "message=y"]),
        ("data: no end", ["message=no end"]),
        ("data: one line end\n", ["message=one line end"]),
        ("unknown: x\nretry: 5\nid: 1\n\n", []),
        ("data: \u{2028}\u{85}\u{2029}\n\n", ["message=\u{2028}\u{85}\u{2029}"]),
        ("data: 🧭🇸🇯\n\n", ["message=🧭🇸🇯"]),
        ("", []), ("\n\n\n", []), ("\r", []),
    ])
    func `is read as the standard says, wherever it is cut`(_ text: String, _ expected: [String]) throws {
        for size in [1, 2, 3, 5, Int.max] {
            #expect(try events(text, pieceSize: size) == expected)
        }
    }

    @Test func `remembers the last id`() throws {
        var parser = ServerSentEventParser()
        let events = try parser.feed(Array("id: 7\ndata: a\n\ndata: b\n\nid: 8\u{0}\ndata: c\n\n".utf8))
        #expect(events.map(\.id) == ["7", "7", "7"])
    }

    @Test(arguments: ["data: 0123456789", "data: 01\ndata: 23\ndata: 45\ndata: 67\n"])
    func `is refused when an event has no end`(_ text: String) {
        #expect(throws: ServerSentEventParser.Failure.tooLong(limit: 10)) { try events(text, limit: 10) }
        #expect(throws: ServerSentEventParser.Failure.tooLong(limit: 10)) { try events(text, pieceSize: 1, limit: 10) }
    }

    @Test func `means the same in pieces as in one, whatever it holds`() throws {
        var random = MutationSource(seed: 3)
        let seed = "event: a\r\ndata: x\r\rdata:y\n: c\n\nid: 1\ndata\n\n"
        for _ in 0..<500 {
            let text = String(decoding: random.mutate(Array(seed.utf8)), as: UTF8.self)
            #expect(try events(text) == events(text, pieceSize: 1))
        }
    }
}

@Suite struct `a thinking model's text` {
    private func pieces(_ texts: [String]) -> ThinkTagSplitter.Pieces {
        var splitter = ThinkTagSplitter()
        var all = ThinkTagSplitter.Pieces()
        for pieces in texts.map({ splitter.feed($0) }) + [splitter.finish()] {
            all.reasoning += pieces.reasoning
            all.text += pieces.text
        }
        return all
    }

    @Test(arguments: [
        ("<think>hm</think>yes", "hm", "yes"), ("\n <think>hm</think>\n\nyes", "hm", "yes"), ("plain", "", "plain"),
        ("<think>never ends", "never ends", ""), ("<thin", "", "<thin"),
        ("a <think>b</think>", "", "a <think>b</think>"),
        ("<think></think>x", "", "x"), ("<think>a</thin</think>b", "a</thin", "b"), ("", "", ""), ("  ", "", "  "),
    ])
    func `is told from its answer, wherever it is cut`(_ text: String, _ reasoning: String, _ answer: String) {
        let expected = ThinkTagSplitter.Pieces(reasoning: reasoning, text: answer)
        #expect(pieces([text]) == expected)
        #expect(pieces(text.map { String($0) }) == expected)
    }
}
