import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite struct `a recording` {
    private let recording = Recording(bytes: Array("OggS".utf8), fileName: "a\"b.ogg", mimeType: "audio/ogg")

    private func text(
        _ server: any HTTPHandler, _ settings: SpeechSettings = SpeechSettings(), environment: [String: String] = [:]
    ) async throws -> String {
        try await SpeechClient(
            environment: environment, http: InMemoryHTTPClient(server), entropy: SeededEntropy()
        ).text(of: recording, by: settings)
    }

    @Test func `is sent as a form, and comes back as words`() async throws {
        let server = ScriptedServer([.json(["text": " Hello there. "])])
        let settings = SpeechSettings(
            model: "small", language: "de", baseURL: "http://localhost:9/v1/", apiKey: Secret("k-1"))
        #expect(try await text(server, settings, environment: ["OPENAI_API_KEY": "sk-other"]) == "Hello there.")
        let request = try #require(server.seen.first)
        #expect(request.target == "http://localhost:9/v1/audio/transcriptions")
        #expect(request.headers["authorization"] == "Bearer k-1")
        let type = try #require(request.headers["content-type"])
        let boundary = try #require(type.split(separator: "=").last)
        let body = String(decoding: request.body, as: UTF8.self)
        #expect(body.contains("name=\"model\"\r\n\r\nsmall\r\n"))
        #expect(body.contains("name=\"language\"\r\n\r\nde\r\n"))
        #expect(body.contains("filename=\"ab.ogg\"\r\nContent-Type: audio/ogg\r\n\r\nOggS\r\n"))
        #expect(body.hasSuffix("--\(boundary)--\r\n"))
    }

    @Test func `goes to no other server with OpenAI's key`() async throws {
        let server = ScriptedServer([.json(["text": "x"])])
        _ = try await text(server, SpeechSettings(baseURL: "http://box.test"), environment: ["OPENAI_API_KEY": "sk-1"])
        #expect(server.seen[0].headers["authorization"] == nil)
        _ = try await text(server, environment: ["OPENAI_API_KEY": "sk-1\n"])
        #expect(server.seen[1].target == "https://api.openai.com/v1/audio/transcriptions")
        #expect(server.seen[1].headers["authorization"] == "Bearer sk-1")
    }

    @Test(arguments: [
        HTTPResponse.text("<html>", type: "text/html"), .json(["error": ["message": "no"]]),
        .json(["text": "no"], status: 401),
        InMemoryHTTPClient.failure(.couldNotConnect, mayHaveReachedServer: false),
    ])
    func `that can't be written down is told of`(_ response: HTTPResponse) async {
        await #expect(throws: SpeechError.self) {
            try await text(ScriptedServer([response]), environment: ["OPENAI_API_KEY": "sk-1"])
        }
    }

    @Test func `is sent nowhere without a key`() async {
        let server = ScriptedServer([.json(["text": "x"])])
        await #expect(throws: SpeechError.self) { try await text(server) }
        #expect(server.seen.isEmpty)
    }
}
