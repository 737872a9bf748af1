import Logging
import PraisonCore
import PraisonGateway
import PraisonSimulation
import PraisonStore
import Synchronization

/// A hub on a journal, fake platforms and fake agents around it. It may be started again and again on the same journal,
/// as after a crash.
final class Scene: Sendable {
    let clock = VirtualClock()
    let stage: FakePlatform
    let store: any Journal

    init() throws {
        stage = FakePlatform(clock: clock)
        store = try SQLiteJournal(.memory, clock: clock, logger: Self.silent)
    }

    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs a hub with one channel, `house`, until `body` returns or the journal dies; then it is cancelled.
    ///
    /// - Parameter channels: settings of the channels by name; each is played by `adapter`.
    func withHub<Value: Sendable>(
        channels: [ChannelSettings] = [.make()], server: ServerSettings = ServerSettings(),
        session: SessionSettings = SessionSettings(),
        agents: [any Agent] = [FakeAgent.echo], adapter: (FakePlatform) -> any ChannelAdapter = PlainAdapter.init,
        death: MortalJournal.Death? = nil, transcriber: (any Transcriber)? = nil, approvals: ApprovalDesk? = nil,
        _ body: @escaping @Sendable (Gateway, MortalJournal) async throws -> Value
    ) async throws -> Value {
        let journal = MortalJournal(store, death: death)
        let configuration = GatewayConfiguration(
            server: server, agents: agents.map { AgentSettings(name: $0.name) }, channels: channels, session: session)
        var surroundings = surroundings
        surroundings.transcriber = transcriber
        surroundings.approvals = approvals
        let gateway = Gateway(
            configuration, agents: agents,
            descriptions: agents.map { AgentDescription(name: $0.name, model: "fake/fake") }, adapters: [],
            journal: journal, surroundings: surroundings)
        stage.play(in: journal)
        for channel in channels where channel.offReason == nil { gateway.attach(adapter(stage), as: channel.name) }
        gateway.attach(StreamingAdapter(stage), as: .gateway)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                // A process that was killed has nothing to report.
                do { try await gateway.run() } catch { if !journal.isDead { throw error } }
                return nil
            }
            group.addTask { try await body(gateway, journal) }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    var surroundings: Gateway.Surroundings {
        Gateway.Surroundings(
            clock: clock, entropy: SeededEntropy(), http: InMemoryHTTPClient(NoServer()), webSocket: NoWebSockets(),
            cryptography: NoCryptography(), logger: Self.silent, facts: store as? any FactStore,
            ledger: store as? any SpendLedger)
    }

    /// Time that passes by itself as long as the block runs: whoever sleeps is woken at once, in order.
    func passingTime<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { [clock] in
                while !Task.isCancelled { await clock.advanceToNextSleeper() }
                return nil
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}

private struct NoServer: HTTPHandler {
    func respond(to request: HTTPRequest) async -> HTTPResponse { .text("nobody is here", status: 404) }
}

private struct NoWebSockets: WebSocketClient {
    func connect<Value: Sendable>(
        to url: String, headers: HTTPHeaders, limits: WebSocketLimits,
        _ body: @Sendable (any WebSocketConnection) async throws -> Value
    ) async throws -> Value { throw CancellationError() }
}

private struct NoCryptography: Cryptography {
    func sha256(_ message: [UInt8]) -> [UInt8] { [] }
    func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> [UInt8] { [] }
    func verifyEd25519(signature: [UInt8], message: [UInt8], publicKey: [UInt8]) -> Bool { false }
}

extension ChannelSettings {
    static func make(
        _ name: ChannelName = "house", offReason: String? = nil, routing: Routing = Routing(fallback: "echo"),
        access: AccessSettings = AccessSettings(groupPolicy: .respondAll, unknownUserPolicy: .allow),
        session: ChannelSessionSettings = ChannelSessionSettings(attribution: nil), busy: BusyPolicy = .queue,
        streaming: StreamingSettings = StreamingSettings(), silenceToken: String? = nil
    ) -> ChannelSettings {
        ChannelSettings(
            name: name, platform: "fake", offReason: offReason, routing: routing, access: access, session: session,
            busy: busy, streaming: streaming, silenceToken: silenceToken)
    }
}

/// An agent that does what a test says.
struct FakeAgent: Agent {
    typealias Emit = @Sendable (ReplyPart) async throws -> Void

    let name: AgentName
    private let answer: @Sendable (Turn, Emit) async throws -> Reply

    init(_ name: AgentName = "echo", _ answer: @escaping @Sendable (Turn, Emit) async throws -> Reply) {
        self.name = name
        self.answer = answer
    }

    func reply(to turn: Turn, emit: @escaping Emit) async throws -> Reply { try await answer(turn, emit) }

    /// Says what was said.
    static let echo = FakeAgent { turn, _ in Reply(text: turn.input.map(\.text).joined(separator: "|")) }
}

/// Lets a test hold agents up and see what they were asked.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var turns: [Turn] = []
    }

    private let state = Observed(State())

    var turns: [Turn] { state.value.turns }

    /// Lets everybody pass, those who come later too.
    func open() { state.change { $0.isOpen = true } }

    /// Waits until so many turns have come.
    func turns(_ count: Int) async { await state.wait { $0.turns.count >= count } }

    func pass(_ turn: Turn) async throws {
        state.change { $0.turns.append(turn) }
        await state.wait(until: \.isOpen)
        try Task.checkCancellation()
    }

    /// An agent that repeats what was said once the gate lets it.
    func agent(_ name: AgentName = "echo") -> FakeAgent {
        FakeAgent(name) { turn, _ in
            try await self.pass(turn)
            return Reply(text: turn.input.map(\.text).joined(separator: "|"))
        }
    }
}
