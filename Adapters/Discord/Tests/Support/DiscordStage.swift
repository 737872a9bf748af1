import PraisonCore
import PraisonNet
import PraisonSimulation
import PraisonTesting
import Testing

@testable import DiscordAdapter
@testable import DiscordSimulator

/// A simulated Discord and a channel on it in the same process, on a virtual clock.
struct DiscordStage: Sendable {
    let clock: VirtualClock
    /// Passes while ``running(_:)``, ``until(_:)`` and their like wait.
    let time: VirtualTime
    let simulator: DiscordSimulator
    let line: GatewayLine
    let recorder: EventRecorder
    let cursors: MemoryCursors
    let log = CapturingLog()
    var name: ChannelName = "discord"
    var token = DiscordSimulator.token
    var options: [String: JSONValue] = [:]
    var commands: [ChannelCommand] = []

    init(clock: VirtualClock = VirtualClock(), cursors: MemoryCursors = MemoryCursors()) {
        self.clock = clock
        time = VirtualTime(of: clock)
        self.cursors = cursors
        recorder = EventRecorder()
        simulator = DiscordSimulator(
            clock: clock, entropy: SeededEntropy(), client: InMemoryHTTPClient(NobodyThere()),
            cryptography: OpenSSLCryptography())
        line = GatewayLine(simulator, clock)
    }

    var settings: ChannelSettings {
        ChannelSettings(
            name: name, platform: "discord", token: Secret(token),
            options: options.merging(["api_base": "http://discord.test/api/v10"]) { own, _ in own })
    }

    var context: ChannelContext {
        ChannelContext(
            channel: name, logger: log.logger, clock: clock, entropy: SeededEntropy(),
            http: InMemoryHTTPClient(simulator, clock: clock), webSocket: line, cryptography: OpenSSLCryptography(),
            cursors: cursors, commands: commands, accept: { [recorder] in try recorder.accept($0) },
            report: { [recorder] in recorder.report($0) })
    }

    func adapter() throws -> DiscordAdapter { try DiscordAdapter(settings: settings, context: context) }

    /// Runs an adapter while `body` runs.
    @discardableResult
    func running<Value: Sendable>(
        _ body: @escaping @Sendable (DiscordAdapter) async throws -> Value
    ) async throws -> Value {
        let adapter = try adapter()
        return try await time.run { try await adapter.running(body) }
    }

    /// Lets time pass until `condition` holds; two days are enough for anything.
    @discardableResult
    func until(
        _ condition: @escaping @Sendable (EventRecorder.Snapshot) -> Bool
    ) async throws -> EventRecorder.Snapshot {
        try await time.run { [recorder, clock] in
            try await withTimeout(.seconds(2 * 86_400), clock: clock) { await recorder.wait(until: condition) }
        }
        return recorder.snapshot
    }

    func pass(_ duration: Duration) async throws { try await time.run { try await clock.sleep(for: duration) } }

    /// Waits, while time passes, until the simulator shows what is looked for.
    func sees(_ condition: @escaping @Sendable ([SimulatedMessage]) -> Bool) async throws {
        while !condition(simulator.sent) { try await pass(.milliseconds(100)) }
    }

    /// Waits, while time passes, until `calls` of the API fulfil the condition.
    func called(_ condition: @escaping @Sendable ([CallLog.Entry]) -> Bool) async throws {
        while !condition(simulator.control.calls.entries) { try await pass(.milliseconds(100)) }
    }

    func fault(_ kind: SimulatorFault.Kind, times: Int? = 1, match: String? = nil) throws {
        try simulator.control.faults.add(SimulatorFault(kind, times: times, match: match))
        simulator.faultsChanged()
    }

    func fault(_ name: String, _ members: [String: JSONValue] = [:]) throws { try fault(.own(name, members)) }

    @discardableResult
    func say(
        _ text: String, in conversation: String? = nil, _ scope: Conversation.Scope = .dm, thread: String? = nil,
        sender: String = "ada", replyTo: MessageID? = nil, mention: Bool = false, files: [SimulatedUtterance.File] = []
    ) throws -> SimulatedUtterance.Receipt {
        try simulator.say(
            SimulatedUtterance(
                text, conversation: conversation, scope: scope, thread: thread, sender: sender, replyTo: replyTo,
                mentionsBot: mention, files: files))
    }

    func inject(_ payload: JSONValue) throws { try simulator.inject(JSONDocument(parsing: payload.bytes())) }

    func conversation(_ said: SimulatedUtterance.Receipt, _ scope: Conversation.Scope = .dm) -> Conversation {
        Conversation(channel: name, id: said.conversation, scope: scope, thread: said.thread)
    }

    func message(
        _ text: String, to said: SimulatedUtterance.Receipt, _ scope: Conversation.Scope = .dm, key: String = "key",
        format: OutboundMessage.Format = .markdown, replyTo: MessageID? = nil, answers: EventID? = nil,
        files: [OutboundMessage.File] = []
    ) -> OutboundMessage {
        OutboundMessage(
            key: key, conversation: conversation(said, scope), text: text, format: format, replyTo: replyTo,
            files: files,
            answers: answers)
    }

    /// Names and parameters of calls of the API so far.
    var calls: [CallLog.Entry] { simulator.control.calls.entries }

    var identifies: Int { simulator.change { $0.bots[$0.firstCaller]?.identifies.count ?? 0 } }
}

/// Where nobody answers.
struct NobodyThere: HTTPHandler {
    func respond(to request: HTTPRequest) async -> HTTPResponse {
        InMemoryHTTPClient.failure(.couldNotConnect, mayHaveReachedServer: false)
    }
}
