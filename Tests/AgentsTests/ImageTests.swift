import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite(.timeLimit(.minutes(1))) struct `a picture in a message` {
    private static let picture = InlineImage(mimeType: "image/png", bytes: [0x89, 0x50, 0x4E, 0x47])

    private var request: ModelRequest {
        ModelRequest(messages: [ChatMessage(.user, "what is this?", images: [Self.picture])])
    }

    private func sent(_ server: ScriptedServer, _ index: Int = 0) -> String {
        String(decoding: server.seen[index].body, as: UTF8.self)
    }

    @Test(arguments: [
        (ModelFixture.Wire.chat, "data:image/png;base64,iVBORw=="), (.responses, "data:image/png;base64,iVBORw=="),
        (.anthropic, "\"media_type\":\"image/png\""), (.gemini, "\"inlineData\""),
        (.ollama, "\"images\":[\"iVBORw==\"]"),
    ])
    func `goes to the model in its protocol's own way`(_ wire: ModelFixture.Wire, _ expected: String) async throws {
        let fixture = try #require(ModelFixture.ours.first { $0.wire == wire && $0.name.contains("/text") })
        let server = ScriptedServer([.text(String(decoding: fixture.bytes, as: UTF8.self), type: fixture.type)])
        _ = try await WireProvider.make(server, wire: wire.value).complete(request) { _ in }
        #expect(sent(server).contains(expected))
        #expect(sent(server).contains("iVBORw=="))
    }

    @Test func `stays out of what a blind model is sent, which is told of it`() async throws {
        let server = ScriptedServer([.answer("a picture")])
        _ = try await WireProvider.make(server, model: "deepseek-chat").complete(request) { _ in }
        #expect(!sent(server).contains("iVBORw=="))
        #expect(sent(server).contains("a picture you can't see"))
    }

    @Test(arguments: [
        "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
        "unknown variant `image_url`, expected `text`", "This model does not support images.",
        "llama-2 is not a multimodal model",
    ])
    func `is left out once the server says that its model is blind`(_ complaint: String) async throws {
        let server = ScriptedServer([.failing(400, complaint), .answer("one"), .answer("two")])
        let model = WireProvider.make(server)
        #expect(try await model.complete(request) { _ in }.text == "one")
        #expect(try await model.complete(request) { _ in }.text == "two")
        #expect(server.seen.count == 3)
        #expect(sent(server).contains("iVBORw=="))
        #expect(!sent(server, 1).contains("iVBORw==") && !sent(server, 2).contains("iVBORw=="))
    }

    @Test func `that is refused for itself is not held against the model`() async {
        let server = ScriptedServer([.failing(400, "unsupported image format: image/tiff")])
        let error = await #expect(throws: ModelError.self) {
            try await WireProvider.make(server).complete(request) { _ in }
        }
        #expect(error?.kind == .invalidRequest)
        #expect(server.seen.count == 1)
    }

    @Test func `stays with its words when messages that came together become one`() {
        var turn = Turn.make("look")
        turn.input = [
            ChatMessage(.user, "one", images: [Self.picture]), ChatMessage(.user, "two", images: [Self.picture]),
        ]
        let messages = AgentPrompt(AgentSettings(name: "a")).messages(for: turn, budget: 8192)
        #expect(messages.last?.images.count == 2)
    }
}
