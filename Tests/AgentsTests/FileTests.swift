import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite(.timeLimit(.minutes(1))) struct `a PDF in a message` {
    private static let pdf = InlineFile(name: "lease.pdf", mimeType: "application/pdf", bytes: Array("%PDF-1.7".utf8))
    private static let encoded = "JVBERi0xLjc="

    private var request: ModelRequest {
        var message = ChatMessage(.user, "what is this?")
        message.files = [Self.pdf]
        return ModelRequest(messages: [message])
    }

    private func sent(_ server: ScriptedServer, _ index: Int = 0) -> String {
        String(decoding: server.seen[index].body, as: UTF8.self)
    }

    @Test(arguments: [
        (
            ModelFixture.Wire.chat,
            #""file":{"file_data":"data:application/pdf;base64,JVBERi0xLjc=","filename":"lease.pdf"},"type":"file""#
        ),
        (
            .responses,
            #""file_data":"data:application/pdf;base64,JVBERi0xLjc=","filename":"lease.pdf","type":"input_file""#
        ),
        (.anthropic, #""type":"document""#), (.gemini, #""mimeType":"application/pdf""#),
    ])
    func `goes to models that can read it, in their protocol's own way`(
        _ wire: ModelFixture.Wire, _ expected: String
    ) async throws {
        let fixture = try #require(ModelFixture.ours.first { $0.wire == wire && $0.name.contains("/text") })
        let server = ScriptedServer([.text(String(decoding: fixture.bytes, as: UTF8.self), type: fixture.type)])
        _ = try await WireProvider.make(server, baseURL: "https://api.openai.com/v1", wire: wire.value)
            .complete(request) { _ in }
        let body = try JSONDocument(parsing: sent(server)).value.text()
        #expect(body.contains(expected))
        #expect(body.contains(Self.encoded))
    }

    @Test(arguments: [
        ("http://localhost:8080/v1", "small-1", ModelFixture.Wire.chat),
        ("https://api.openai.com/v1", "o3-mini", .chat), ("http://localhost:11434", "llama3.2", .ollama),
    ])
    func `stays out of what others are sent, and they are told of it`(
        _ base: String, _ model: String, _ wire: ModelFixture.Wire
    ) async throws {
        let fixture = try #require(ModelFixture.ours.first { $0.wire == wire && $0.name.contains("/text") })
        let server = ScriptedServer([.text(String(decoding: fixture.bytes, as: UTF8.self), type: fixture.type)])
        _ = try await WireProvider.make(server, baseURL: base, model: model, wire: wire.value).complete(request) { _ in
        }
        #expect(!sent(server).contains(Self.encoded))
        #expect(sent(server).contains("[a file you can't read: lease.pdf; say so when it matters]"))
    }

    @Test(arguments: [
        "Invalid value: 'file'. Supported values are: 'text' and 'image_url'.", "unsupported content[].type",
        "This model does not support file content types.", "document input is not supported by this model",
    ])
    func `is left out once the server says that its model reads none`(_ complaint: String) async throws {
        let server = ScriptedServer([.failing(400, complaint), .answer("one"), .answer("two")])
        let model = WireProvider.make(server, baseURL: "https://api.openai.com/v1")
        #expect(try await model.complete(request) { _ in }.text == "one")
        #expect(try await model.complete(request) { _ in }.text == "two")
        #expect(server.seen.count == 3)
        #expect(sent(server).contains(Self.encoded) && !sent(server, 2).contains(Self.encoded))
    }

    @Test func `that is refused for itself is not held against the model`() async {
        let server = ScriptedServer([.failing(400, "The PDF has too many pages: 1000 are not supported")])
        await #expect(throws: ModelError.self) {
            try await WireProvider.make(server, baseURL: "https://api.openai.com/v1").complete(request) { _ in }
        }
        #expect(server.seen.count == 1)
    }

    @Test func `counts by its size, and stays when messages that came together become one`() {
        var turn = Turn.make("look")
        var message = ChatMessage(.user, "one")
        message.files = [Self.pdf]
        turn.input = [message, message]
        let messages = AgentPrompt(AgentSettings(name: "a")).messages(for: turn, budget: 8192)
        #expect(messages.last?.files.count == 2)
        #expect(TokenEstimate.tokens(of: messages) > 4000)
    }
}
