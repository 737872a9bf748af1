import PraisonCore
import PraisonSimulation
import Synchronization
import Testing

@testable import TelegramSimulator

@Suite(.timeLimit(.minutes(1))) struct `webhooks of the simulated Bot API` {
    /// Takes deliveries, and answers as it is told to.
    private final class Receiver: HTTPHandler {
        private struct State {
            var requests: [HTTPRequest] = []
            var answers: [HTTPResponse] = []
            var watcher: (count: Int, continuation: CheckedContinuation<Void, Never>)?
        }
        private let state = Mutex(State())

        var requests: [HTTPRequest] { state.withLock { $0.requests } }
        var texts: [String] {
            requests.map { (try? JSONDocument(parsing: $0.body))?["message"]?["text"]?.string ?? "" }
        }

        func answer(_ answers: HTTPResponse...) { state.withLock { $0.answers += answers } }

        func respond(to request: HTTPRequest) async -> HTTPResponse {
            let (answer, watcher) = state.withLock { state in
                state.requests.append(request)
                let answer = state.answers.isEmpty ? HTTPResponse(status: 200) : state.answers.removeFirst()
                guard let watcher = state.watcher, state.requests.count >= watcher.count else {
                    return (answer, CheckedContinuation<Void, Never>?.none)
                }
                state.watcher = nil
                return (answer, watcher.continuation)
            }
            watcher?.resume()
            return answer
        }

        func deliveries(_ count: Int) async {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.requests.count >= count { return true }
                    state.watcher = (count, continuation)
                    return false
                }
                if isDone { continuation.resume() }
            }
        }
    }

    private let receiver = Receiver()
    private let api: SimulatedAPI

    init() { api = SimulatedAPI(client: InMemoryHTTPClient(receiver)) }

    private func delivering(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await api.simulator.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    @Test func `get what waited and what comes, with the secret`() async throws {
        try api.say("waited")
        try await delivering {
            try await api.call("setWebhook", ["url": "http://127.0.0.1:1/hook", "secret_token": "s3cret"])
            try api.say("came")
            await receiver.deliveries(2)
        }
        #expect(receiver.texts == ["waited", "came"])
        #expect(receiver.requests.allSatisfy { $0.headers["X-Telegram-Bot-Api-Secret-Token"] == "s3cret" })
    }

    @Test func `get an update again until they take it, and the next one only then`() async throws {
        receiver.answer(
            HTTPResponse(status: 500), HTTPResponse(status: 500),
            HTTPResponse(status: 503, headers: ["Retry-After": "9"]))
        try await delivering {
            try await api.call("setWebhook", ["url": "http://127.0.0.1:1/hook"])
            try api.say("one")
            try api.say("two")
            await receiver.deliveries(2)
            #expect(await api.clock.advanceToNextSleeper() == .seconds(2))
            await receiver.deliveries(3)
            let info = try await api.call("getWebhookInfo")
            #expect(info["pending_update_count"] == 2)
            #expect(info["last_error_message"]?.string?.contains("Wrong response from the webhook") == true)
            #expect(await api.clock.advanceToNextSleeper() == .seconds(9))
            await receiver.deliveries(5)
        }
        #expect(receiver.texts == ["one", "one", "one", "one", "two"])
    }

    @Test func `may answer with a call`() async throws {
        receiver.answer(.json(["method": "sendMessage", "chat_id": 1001, "text": "at once"]))
        try await delivering {
            try await api.call("setWebhook", ["url": "http://127.0.0.1:1/hook"])
            try api.say("hello", in: "1001")
            try api.say("again", in: "1001")
            await receiver.deliveries(2)
        }
        #expect(api.simulator.sent.map(\.text) == ["at once"])
    }

    @Test func `and polls exclude each other`() async throws {
        async let poll = api.refusal("getUpdates", ["timeout": 50])
        await api.clock.nextSleeper()
        try await api.call("setWebhook", ["url": "http://127.0.0.1:1/hook"])
        #expect(try await poll == "Conflict: terminated by setWebhook request")
        #expect(try await api.refusal("getUpdates").hasPrefix("Conflict: can't use getUpdates method while webhook"))
        try await api.call("deleteWebhook")
        api.clock.advance(by: .seconds(4))
        #expect(try await api.updates().isEmpty)
    }

    @Test(arguments: [
        ("http://example.org/", "HTTPS"), ("https://example.org:8080/", "ports"), ("ftp://example.org", "HTTPS"),
    ])
    func `have addresses Telegram delivers to`(url: String, problem: String) async throws {
        #expect(try await api.refusal("setWebhook", ["url": .string(url)]).contains(problem))
    }

    @Test func `are set about once a second`() async throws {
        try await api.call("setWebhook", ["url": "https://example.org/"])
        let (status, body) = try await api.ask("setWebhook", ["url": "https://example.org/"])
        #expect(status == 429)
        #expect(body["parameters"]?["retry_after"] == 1)
        api.clock.advance(by: .seconds(1))
        try await api.call("setWebhook", ["url": "https://example.org/"])
    }

    @Test func `that are gone for a day lose their updates, as Telegram does`() async throws {
        try api.say("old")
        api.clock.advance(by: .seconds(86_401))
        try await delivering {
            try await api.call("setWebhook", ["url": "http://127.0.0.1:1/hook"])
            try api.say("new")
            await receiver.deliveries(1)
        }
        #expect(receiver.texts == ["new"])
    }
}
