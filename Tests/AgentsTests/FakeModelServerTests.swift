import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite(.timeLimit(.minutes(1))) struct `the fake model server` {
    private let clock = VirtualClock()

    private func ask(_ server: FakeModelServer, _ text: String, key: String? = nil) async throws -> String {
        try await WireProvider.make(server, key: key, clock: clock).complete(.make(text)) { _ in }.text
    }

    @Test func `lets nobody in without the key`() async throws {
        let server = FakeModelServer(clock: clock, key: "good-key")
        #expect(try await ask(server, "hi", key: "good-key") == "echo: hi")
        let error = await #expect(throws: ModelError.self) { try await ask(server, "hi", key: "wrong-key") }
        #expect(error?.kind == .auth)
        #expect(error?.detail.contains("wrong-key") == false)
    }

    @Test func `obeys what a message says`() async {
        let server = FakeModelServer(clock: clock)
        let error = await #expect(throws: ModelError.self) { try await ask(server, "[Ada] fake:status 429") }
        #expect(error?.kind == .rateLimit)
    }

    @Test func `is controlled over HTTP, and tells what it was asked`() async throws {
        let server = FakeModelServer(clock: clock)
        func control(_ method: HTTPRequest.Method, _ path: String, _ body: JSONValue = .null) async -> HTTPResponse {
            await server.respond(to: HTTPRequest(method, path, body: body.bytes()))
        }
        let prepared = await control(
            .post, "/_sim/faults", ["kind": "status", "code": 503, "times": 1, "match": "hi", "retry_after": 2])
        #expect(prepared.status == 200)
        #expect(await control(.post, "/_sim/faults", ["kind": "nonsense"]).status == 400)
        #expect(try await ask(server, "other") == "echo: other")
        let error = await #expect(throws: ModelError.self) { try await ask(server, "hi") }
        #expect(error?.retryAfter == .seconds(2))
        #expect(try await ask(server, "hi") == "echo: hi")
        let calls = try JSONDocument(parsing: await control(.get, "/_sim/calls").bytes)
        #expect(calls.elements.map { $0["end"]?.string } == ["finished", "finished", "finished"])
        _ = await control(.post, "/_sim/reset")
        #expect(server.calls.isEmpty)
    }

    @Test func `refuses a field like an old server`() async throws {
        let server = FakeModelServer(clock: clock)
        server.prepare(.refuse(field: "stream_options"), times: 100)
        #expect(try await ask(server, "hi") == "echo: hi")
        #expect(server.calls.map { $0.body["stream_options"] == nil } == [false, true])
    }
}
