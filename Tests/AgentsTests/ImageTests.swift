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

    @Test(arguments: ["deepseek-chat", "gpt-4", "openai/gpt-4-32k", "gpt-4-1106-preview"])
    func `stays out of what a blind model is sent, which is told of it`(_ model: String) async throws {
        let server = ScriptedServer([.answer("a picture")])
        _ = try await WireProvider.make(server, model: model).complete(request) { _ in }
        #expect(!sent(server).contains("iVBORw=="))
        #expect(sent(server).contains("a picture you can't see"))
    }

    /// In the words, and with the status, of llama.cpp, OpenRouter, OpenAI and Azure, Groq twice, Gemini, and others.
    @Test(arguments: [
        (500, "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj"),
        (404, "No endpoints found that support image input"),
        (400, "Invalid content type. image_url is only supported by certain models."),
        (400, "messages[1].content must be a string"),
        (
            400,
            "'messages.1' : for 'role:user' the following must be satisfied[('messages.1.content' : value must be a string)]"
        ),
        (400, "Image input modality is not enabled for models/gemma-3-1b-it"),
        (500, "this model is missing data required for image input"),
        (422, "Input should be a valid string"),
        (422, "unknown variant `image_url`, expected `text`"), (400, "This model does not support images."),
        (400, "llama-2 is not a multimodal model"),
    ])
    func `is left out once the server says that its model is blind`(_ status: Int, _ complaint: String) async throws {
        let server = ScriptedServer([.failing(status, complaint), .answer("one"), .answer("two")])
        let model = WireProvider.make(server)
        #expect(try await model.complete(request) { _ in }.text == "one")
        #expect(try await model.complete(request) { _ in }.text == "two")
        #expect(server.seen.count == 3)
        #expect(sent(server).contains("iVBORw=="))
        #expect(!sent(server, 1).contains("iVBORw==") && !sent(server, 2).contains("iVBORw=="))
    }

    @Test func `is left out at a server whose path is not known yet`() async throws {
        let server = ScriptedServer([.failing(404, "No endpoints found that support image input"), .answer("one")])
        let model = WireProvider.make(server, baseURL: "http://proxy.example")
        #expect(try await model.complete(request) { _ in }.text == "one")
        #expect(server.seen.map(\.path) == ["/v1/chat/completions", "/v1/chat/completions"])
    }

    @Test(arguments: [
        (500, "image input is not supported"), (404, "No endpoints found that support image input"),
        (400, "messages[1].content must be a string"),
    ])
    func `that was not sent is not what a complaint is about`(_ status: Int, _ complaint: String) async {
        let server = ScriptedServer([.failing(status, complaint)])
        await #expect(throws: ModelError.self) { try await WireProvider.make(server).complete(.make()) { _ in } }
        #expect(server.seen.count == 1)
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
