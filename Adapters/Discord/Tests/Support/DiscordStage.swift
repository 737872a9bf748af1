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
    let watch: WatchedClock
    let simulator: DiscordSimulator
    let recorder: EventRecorder
    let cursors: MemoryCursors
    let log = CapturingLog()
    var name: ChannelName = "discord"
    var token = DiscordSimulator.token
    var options: [String: JSONValue] = [:]
    var commands: [ChannelCommand] = []
    /// Looks at every call before the simulator does.
    var wrap: @Sendable (DiscordSimulator) -> any HTTPHandler = { $0 }

    init(clock: VirtualClock = VirtualClock(), cursors: MemoryCursors = MemoryCursors()) {
        self.clock = clock
        watch = WatchedClock(clock)
        self.cursors = cursors
        recorder = EventRecorder()
        simulator = DiscordSimulator(
            clock: watch, entropy: SeededEntropy(), client: InMemoryHTTPClient(NobodyThere()),
            cryptography: OpenSSLCryptography())
    }

    var settings: ChannelSettings {
        ChannelSettings(
            name: name, platform: "discord", token: Secret(token),
            options: options.merging(["api_base": "http://discord.test/api/v10"]) { own, _ in own })
    }

    var context: ChannelContext {
        let handler = wrap(simulator)
        return ChannelContext(
            channel: name, logger: log.logger, clock: watch, entropy: SeededEntropy(),
            http: InMemoryHTTPClient(handler),
            webSocket: InMemoryWebSocketClient(handler), cryptography: OpenSSLCryptography(), cursors: cursors,
            commands: commands, accept: { [recorder] in try recorder.accept($0) },
            report: { [recorder] in recorder.report($0) })
    }

    func adapter() throws -> DiscordAdapter { try DiscordAdapter(settings: settings, context: context) }

    /// Runs an adapter while `body` runs.
    @discardableResult
    func running<Value: Sendable>(
        _ body: @escaping @Sendable (DiscordAdapter) async throws -> Value
    ) async throws -> Value {
        let adapter = try adapter()
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                do { try await adapter.run() } catch is CancellationError {}
                return nil
            }
            group.addTask { try await body(adapter) }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let value = result {
                    group.cancelAll()
                    try await group.waitForAll()
                    return value
                }
            }
            throw CancellationError()
        }
    }

    /// Lets time pass until `condition` holds.
    @discardableResult
    func until(
        _ condition: @escaping @Sendable (EventRecorder.Snapshot) -> Bool
    ) async throws -> EventRecorder.Snapshot {
        try await passingTime { [recorder] in await recorder.wait(until: condition) }
        return recorder.snapshot
    }

    func passingTime<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask { [clock, watch] in
                while !Task.isCancelled {
                    await watch.settle()
                    if Task.isCancelled { return nil }
                    await clock.advanceToNextSleeper()
                }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let value = result { return value }
            }
            throw CancellationError()
        }
    }

    /// Waits, while time passes, until the simulator shows what is looked for.
    func sees(_ condition: @escaping @Sendable ([SimulatedMessage]) -> Bool) async throws {
        try await passingTime { [simulator, clock] in
            while !condition(simulator.sent) { try await clock.sleep(for: .milliseconds(100)) }
        }
    }

    /// Waits, while time passes, until `calls` of the API fulfil the condition.
    func called(_ condition: @escaping @Sendable ([CallLog.Entry]) -> Bool) async throws {
        try await passingTime { [simulator, clock] in
            while !condition(simulator.control.calls.entries) { try await clock.sleep(for: .milliseconds(100)) }
        }
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
