import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite(.timeLimit(.minutes(1))) struct `asking a model again` {
    private let clock = VirtualClock(start: HTTPDate.parse("Sun, 22 Nov 2026 10:00:00 GMT") ?? Timestamp(seconds: 0))

    private func model(_ server: any HTTPHandler, lines: Collected<String> = Collected()) -> RetryingModel {
        RetryingModel(
            model: WireProvider.make(server, clock: clock), policy: RetryPolicy(), clock: clock,
            entropy: SeededEntropy(), logger: LogRecorder.logger(lines))
    }

    /// Moves time on for every wait and tells how long they were.
    private func run(
        _ server: any HTTPHandler, waits: Int, lines: Collected<String> = Collected()
    ) async -> (Result<ModelResponse, any Error>, [Duration]) {
        let model = model(server, lines: lines)
        async let outcome = Result { try await model.complete(.make()) { _ in } }
        var slept: [Duration] = []
        for _ in 0..<waits { slept.append(await clock.advanceToNextSleeper()) }
        return (await outcome, slept)
    }

    @Test func `doubles its waits, a little shortened`() async throws {
        let server = ScriptedServer([.failing(500), .failing(503), .answer("third time")])
        let (outcome, waits) = await run(server, waits: 2)
        #expect(try outcome.get().text == "third time")
        #expect(waits.count == 2)
        #expect((0.375...0.5).contains(waits[0].inSeconds))
        #expect((0.75...1).contains(waits[1].inSeconds))
    }

    @Test func `is done where an answer broke off that nobody has read`() async throws {
        let model = RetryingModel(
            model: FailingModel("a/first", ModelError(.transient, detail: "broke off"), after: "Well, "),
            policy: RetryPolicy(), clock: clock, entropy: SeededEntropy(), logger: LogRecorder.logger(Collected()))
        let told = Collected<ModelEvent>()
        var request = ModelRequest.make()
        request.isWatched = false
        async let outcome = Result { [request] in try await model.complete(request) { told.add($0) } }
        for _ in 1...2 { _ = await clock.advanceToNextSleeper() }
        let result = await outcome
        #expect(throws: ModelError.self) { try result.get() }
        #expect(told.all.isEmpty)
    }

    @Test func `ends after three tries`() async {
        let server = ScriptedServer([.failing(500)])
        let (outcome, _) = await run(server, waits: 2)
        #expect(throws: ModelError.self) { try outcome.get() }
        #expect(server.seen.count == 3)
    }

    @Test(arguments: [
        HTTPResponse.failing(401), .failing(400), .failing(429, code: "insufficient_quota"),
        .failing(500, headers: ["x-should-retry": "false"]), .failing(429, headers: ["Retry-After": "121"]),
        .failing(429, headers: ["Retry-After": "Sun, 22 Nov 2026 11:00:00 GMT"]),
    ])
    func `is left alone where it is no use`(_ response: HTTPResponse) async {
        let server = ScriptedServer([response])
        let (outcome, _) = await run(server, waits: 0)
        #expect(throws: ModelError.self) { try outcome.get() }
        #expect(server.seen.count == 1)
    }

    static let waits: [(HTTPHeaders, Duration)] = [
        (["Retry-After": "3"], .seconds(3)), (["Retry-After": "1.5"], .seconds(1.5)),
        (["retry-after-ms": "250", "retry-after": "9"], .milliseconds(250)),
        (["retry-after-ms": "junk", "retry-after": "2"], .seconds(2)), (["retry-after": " 120 "], .seconds(120)),
        (["Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT"], .seconds(30)),
    ]

    @Test(arguments: waits.indices)
    func `waits as long as the server wants`(_ example: Int) async throws {
        let (headers, wait) = Self.waits[example]
        let server = ScriptedServer([.failing(429, headers: headers), .answer("now")])
        let (outcome, waits) = await run(server, waits: 1)
        #expect(try outcome.get().text == "now")
        #expect(waits == [wait])
    }

    @Test(arguments: [
        "-5", "0", "nan", "inf", "", "soon", "Sun, 22 Nov 2020 10:00:00 GMT", "99999999999999999999e99999",
    ])
    func `takes a senseless wait for none`(_ value: String) {
        #expect(RetryAdvice(["Retry-After": value], now: clock.now).delay == nil)
    }

    @Test func `obeys a server that says the failure passes`() async throws {
        let server = ScriptedServer([.failing(400, headers: ["x-should-retry": "true"]), .answer("yes")])
        let (outcome, _) = await run(server, waits: 1)
        #expect(try outcome.get().text == "yes")
    }

    @Test func `never happens once a word was shown`() async {
        let server = FakeModelServer(clock: clock)
        server.prepare(.truncate, times: 3)
        let shown = Collected<ModelEvent>()
        let error = await #expect(throws: ModelError.self) {
            try await model(server).complete(.make()) { shown.add($0) }
        }
        #expect(error?.detail.contains("broke off") == true)
        #expect(shown.all == [.text("echo:")])
        #expect(server.calls.count == 1)
    }

    @Test func `happens where only thoughts were shown`() async throws {
        let thought = #"data: {"choices":[{"index":0,"delta":{"reasoning":"hm"},"finish_reason":null}]}"# + "\n\n"
        let server = ScriptedServer([.text(thought, type: "text/event-stream"), .answer("yes")])
        let (outcome, _) = await run(server, waits: 1)
        #expect(try outcome.get().text == "yes")
    }

    @Test func `stops with the time limit`() async {
        let server = ScriptedServer([.failing(429, headers: ["Retry-After": "100"])])
        var request = ModelRequest.make()
        request.timeLimit = .seconds(50)
        await #expect(throws: ModelError.self) { try await model(server).complete(request) { _ in } }
        #expect(server.seen.count == 1)
    }

    @Test func `stops at once when the turn is stopped`() async {
        let model = model(ScriptedServer([.failing(500)]))
        let task = Task { try await model.complete(.make()) { _ in } }
        await clock.nextSleeper()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func `is logged without the key`() async {
        let lines = Collected<String>()
        let server = ScriptedServer([.failing(500, "your key sk-test-1234567890 made me sick")])
        _ = await run(server, waits: 2, lines: lines)
        #expect(lines.all.count == 2)
        #expect(lines.all.allSatisfy { $0.contains("HTTP 500") && !$0.contains("1234567890") })
    }
}

extension Result where Failure == any Error, Success: Sendable {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

@Suite struct `a date in a header` {
    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    ])
    func `is read in all three forms`(_ text: String) {
        #expect(HTTPDate.parse(text) == Timestamp(microseconds: 784_111_777_000_000))
    }

    @Test(arguments: [
        "", "tomorrow", "Sun, 06 Nov 1994", "Sun, 06 Foo 1994 08:49:37 GMT", "06 Nov 1994 25:00:00",
        "Sun, 40 Nov 1994 08:49:37 GMT", "Nov 06 1994 1994 08:49:37", "06 Nov 1900 08:49:37",
    ])
    func `is not guessed`(_ text: String) { #expect(HTTPDate.parse(text) == nil) }

    @Test func `counts days as the calendar does`() {
        for days in stride(from: -800_000, through: 800_000, by: 997) {
            let (year, month, day) = CivilDate.date(days: days)
            #expect(CivilDate.days(year: year, month: month, day: day) == days)
        }
        #expect(CivilDate.date(days: 20_788) == (2026, 12, 1))
        #expect(CivilDate.days(year: 2024, month: 2, day: 29) == 19_782)
    }
}
