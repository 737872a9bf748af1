import Logging
import PraisonCore
import PraisonSimulation
import Testing

/// One adapter and its platform's simulator, with everything that is between them.
struct ConformanceStage<Adapter: ChannelAdapter, Simulator: PlatformSimulator>: Sendable {
    let clock: any GatewayClock
    /// The same clock, where it is a virtual one.
    let virtualClock: VirtualClock?
    let remote: SimulatorRemote
    let recorder = EventRecorder()
    let log = CapturingLog()
    let cursors = MemoryCursors()
    let transfers = OpenTransfers()
    /// Takes what the simulator delivers by webhook, for the adapter that runs.
    let doorstep: Doorstep
    let settings: ChannelSettings
    let context: ChannelContext

    init(
        clock: any GatewayClock, http: any HTTPClient, webSocket: any WebSocketClient,
        cryptography: any Cryptography, baseURL: String, doorstep: Doorstep,
        extraSettings: [(key: String, value: String)]
    ) {
        self.clock = clock
        virtualClock = clock as? VirtualClock
        remote = SimulatorRemote(http: http, baseURL: baseURL)
        self.doorstep = doorstep
        settings = ChannelSettings(
            yaml: Simulator.settings(baseURL: baseURL) + extraSettings, platform: Adapter.platform,
            options: Adapter.options)
        let recorder = recorder
        var logger = log.logger
        logger[metadataKey: "channel"] = "\(settings.name)"
        context = ChannelContext(
            channel: settings.name, logger: logger, clock: clock, entropy: SeededEntropy(),
            http: CountingHTTPClient(client: http, transfers: transfers),
            webSocket: CountingWebSocketClient(client: webSocket, transfers: transfers), cryptography: cryptography,
            cursors: cursors, accept: { try recorder.accept($0) }, report: { recorder.report($0) })
    }

    /// A new adapter, as after a restart of the process.
    func adapter() throws -> Adapter { try Adapter(settings: settings, context: context) }

    /// Runs the adapter while `body` runs, then stops it and waits for it.
    func running<Value: Sendable>(
        _ adapter: Adapter, _ body: @escaping @Sendable (Adapter) async throws -> Value
    ) async throws -> Value {
        doorstep.open(to: adapter as? any HTTPHandler)
        defer { doorstep.open(to: nil) }
        return try await adapter.running(body)
    }

    func running<Value: Sendable>(
        _ body: @escaping @Sendable (Adapter) async throws -> Value
    ) async throws -> Value {
        try await running(try adapter(), body)
    }

    /// Waits until the events and reports so far fulfil `condition`; two days at most, where time is virtual.
    @discardableResult
    func until(
        _ condition: @escaping @Sendable (EventRecorder.Snapshot) -> Bool
    ) async throws -> EventRecorder.Snapshot {
        if let virtualClock {
            try await withTimeout(.seconds(2 * 86_400), clock: virtualClock) { await recorder.wait(until: condition) }
        } else {
            await recorder.wait(until: condition)
        }
        try Task.checkCancellation()
        return recorder.snapshot
    }

    func message(
        _ text: String, to said: SimulatorRemote.Said, _ scope: Conversation.Scope = .dm,
        format: OutboundMessage.Format = .plain, replyTo: MessageID? = nil, replaces: MessageID? = nil,
        files: [OutboundMessage.File] = [], key: String = "key"
    ) -> OutboundMessage {
        OutboundMessage(
            key: key,
            conversation: Conversation(
                channel: settings.name, id: said.conversation, scope: scope, thread: said.thread),
            text: text, format: format, replyTo: replyTo, replaces: replaces, files: files)
    }

    /// The secrets the adapter was given, and the halves of those that have a public part.
    var secrets: [String] {
        let all = [settings.token, settings.appToken].compactMap { $0 } + settings.secrets.values
        return all.map { $0.reveal() } + all.compactMap { $0.reveal().split(separator: ":").last.map(String.init) }
    }
}
