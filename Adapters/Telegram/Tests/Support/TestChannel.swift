import PraisonCore
import PraisonNet
import PraisonSimulation
import PraisonTesting
import TelegramAdapter
import TelegramSimulator

/// A channel with nothing real around it: virtual time, cursors and a journal in memory.
struct TestChannel: Sendable {
    let clock: VirtualClock
    let recorder: EventRecorder
    let cursors: MemoryCursors
    let log = CapturingLog()
    let api: any HTTPHandler
    var name: ChannelName = "telegram"
    var token = TelegramSimulator.token
    var options: [String: JSONValue] = [:]
    var secrets: [String: Secret] = [:]

    init(
        _ api: any HTTPHandler, clock: VirtualClock, recorder: EventRecorder = EventRecorder(),
        cursors: MemoryCursors = MemoryCursors()
    ) {
        self.api = api
        self.clock = clock
        self.recorder = recorder
        self.cursors = cursors
    }

    var settings: ChannelSettings {
        ChannelSettings(
            name: name, platform: "telegram", token: Secret(token),
            options: options.merging(["api_base": "http://bot-api.test"]) { own, _ in own }, secrets: secrets)
    }

    var context: ChannelContext {
        ChannelContext(
            channel: name, logger: log.logger, clock: clock, entropy: SeededEntropy(), http: InMemoryHTTPClient(api),
            webSocket: InMemoryWebSocketClient(api), cryptography: OpenSSLCryptography(), cursors: cursors,
            accept: { [recorder] in try recorder.accept($0) }, report: { [recorder] in recorder.report($0) })
    }

    func adapter() throws -> TelegramAdapter { try TelegramAdapter(settings: settings, context: context) }

    /// Runs an adapter while `body` runs.
    func running<Value: Sendable>(
        _ adapter: TelegramAdapter? = nil, _ body: @escaping @Sendable (TelegramAdapter) async throws -> Value
    ) async throws -> Value {
        try await (adapter ?? self.adapter()).running(body)
    }

    /// Lets time pass until what was heard fulfils `condition`.
    func until(_ condition: @escaping @Sendable (EventRecorder.Snapshot) -> Bool) async {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await recorder.wait(until: condition)
                return true
            }
            group.addTask {
                while !Task.isCancelled {
                    for _ in 0..<20 { await Task.yield() }
                    if Task.isCancelled { break }
                    await clock.advanceToNextSleeper()
                }
                return false
            }
            while let isDone = await group.next(), !isDone {}
            group.cancelAll()
        }
    }

    func conversation(
        _ id: Conversation.ID = "1001", _ scope: Conversation.Scope = .dm, thread: Conversation.Thread? = nil
    ) -> Conversation {
        Conversation(channel: name, id: id, scope: scope, thread: thread)
    }
}
