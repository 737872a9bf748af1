import Foundation
import Logging
import PraisonCore
import PraisonGateway
import PraisonSimulation
import PraisonStore
import Synchronization

/// What the hub carries: messages a second through all nine stops, with a journal on disk, an agent that answers at once
/// and a platform that takes everything at once; and what becomes of that when one conversation is flooded.
enum HubBenchmark {
    private static let figure = Figure(subject: "hub")
    private static let floodSize = 100_000

    static func run() async throws {
        for (conversations, messages) in [(1, 200), (100, 10_000), (1_000, 50_000)] {
            try await withHub { hub, platform in
                let cost = try await converse(hub, platform, conversations: conversations, messages: messages)
                report("\(conversations) conversations", cost, messages)
            }
        }
        try await measureFlood()
    }

    /// A conversation whose agent hangs gets a hundred thousand messages; what do its neighbours notice?
    private static func measureFlood() async throws {
        let (neighbours, messages) = (50, 10_000)
        let alone = try await withHub { hub, platform in
            try await converse(hub, platform, conversations: neighbours, messages: messages)
        }
        try await withHub { hub, platform in
            let before = residentMemory
            for start in stride(from: 0, to: floodSize, by: 500) {
                try await hub.accept((start..<start + 500).map { event("flood", in: hung, $0) })
            }
            let (count, growth) = (Double(floodSize), residentMemory - before)
            figure("\(floodSize) messages that wait in one conversation, memory", growth, "MB")
            figure("\(floodSize) messages that wait in one conversation, memory", growth * 1e6 / count, "bytes/message")
            let beside = try await converse(hub, platform, conversations: neighbours, messages: messages)
            report("\(neighbours) conversations beside the flood", beside, messages)
            figure(
                "\(neighbours) conversations beside the flood, against none", alone.seconds / beside.seconds, "times")
        }
    }

    private static func report(_ what: String, _ cost: Cost, _ messages: Int) {
        figure("\(what)  messages in and out", Double(messages) / cost.seconds, "messages/s")
        figure("\(what)  CPU", cost.cpuSeconds / Double(messages) * 1e6, "µs/message")
    }

    /// In each conversation, the next message comes when the last is answered.
    static func converse(
        _ hub: Gateway, _ platform: Platform, conversations: Int, messages: Int
    ) async throws -> Cost {
        try await Cost.of {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for conversation in 0..<conversations {
                    group.addTask {
                        let id = Conversation.ID("\(conversation)")
                        for number in 0..<messages / conversations {
                            async let answer: Void = platform.message(in: id)
                            try await hub.accept([event("talk", in: id, number)])
                            await answer
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    private static let hung: Conversation.ID = "hung"

    private static func event(_ what: String, in id: Conversation.ID, _ number: Int) -> GatewayEvent {
        let conversation = Conversation(channel: channel, id: id, scope: .dm)
        let message = InboundMessage(
            id: MessageID("\(number)"), conversation: conversation, sender: Sender(id: "ada", displayName: "Ada"),
            text: "A message of moderate length, as people write them when they want to know something.")
        return GatewayEvent(message: message, id: EventID("\(what)/\(id)/\(number)"), timestamp: SystemClock().now)
    }

    // MARK: The house

    private static let channel: ChannelName = "house"
    private static let logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }

    /// - Parameter agent: is called `echo`.
    static func withHub<Value: Sendable>(
        answeredBy agent: any Agent = Echo(), _ body: @escaping @Sendable (Gateway, Platform) async throws -> Value
    ) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(path: "praisonai-benchmark-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let journal = try SQLiteJournal(
            .file(folder.appending(path: "hub.sqlite").path()), clock: SystemClock(), logger: logger)
        let settings = ChannelSettings(
            name: channel, platform: Platform.platform, routing: Routing(fallback: "echo"),
            access: AccessSettings(unknownUserPolicy: .allow))
        let hub = Gateway(
            GatewayConfiguration(agents: [AgentSettings(name: "echo")], channels: [settings]), agents: [agent],
            descriptions: [AgentDescription(name: "echo", model: "none")], adapters: [], journal: journal,
            surroundings: Gateway.Surroundings(
                clock: SystemClock(), entropy: SeededEntropy(), http: InMemoryHTTPClient(Nobody()),
                webSocket: InMemoryWebSocketClient(Nobody()), cryptography: NoCryptography(), logger: logger))
        let platform = Platform()
        hub.attach(platform, as: channel)
        let value = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await hub.run() }
            defer { group.cancelAll() }
            return try await body(hub, platform)
        }
        try await journal.close()
        return value
    }

    struct Echo: Agent {
        let name: AgentName = "echo"

        func reply(to turn: Turn, emit: @escaping @Sendable (ReplyPart) async throws -> Void) async throws -> Reply {
            if turn.conversation.id == hung { try await SystemClock().sleep(for: .seconds(86_400)) }
            return Reply(text: turn.input.map(\.text).joined(separator: "\n"))
        }
    }

    private struct Nobody: HTTPHandler {
        func respond(to request: HTTPRequest) async -> HTTPResponse { .text("nobody is here", status: 404) }
    }

    private struct NoCryptography: Cryptography {
        func sha256(_ message: [UInt8]) -> [UInt8] { [] }
        func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> [UInt8] { [] }
        func verifyEd25519(signature: [UInt8], message: [UInt8], publicKey: [UInt8]) -> Bool { false }
    }

    /// Takes everything, and tells those who wait for a message in a conversation.
    final class Platform: ChannelAdapter {
        private struct State {
            var arrived: [Conversation.ID: Int] = [:]
            var waiters: [Conversation.ID: CheckedContinuation<Void, Never>] = [:]
        }

        static let platform: PraisonCore.Platform = "bench"
        static let capabilities = ChannelCapabilities(
            textLimit: 4096, textUnit: .utf16,
            pace: .init(perSecond: 0, perConversation: .zero, burst: 1))

        private let state = Mutex(State())

        init() {}
        init(settings: ChannelSettings, context: ChannelContext) throws {
            throw ChannelSettingsError(key: "platform", problem: "made by the benchmark")
        }

        func run() async throws { try await SystemClock().sleep(for: .seconds(86_400)) }

        func send(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt {
            let id = message.conversation.id
            let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
                guard let waiter = state.waiters.removeValue(forKey: id) else {
                    state.arrived[id, default: 0] += 1
                    return nil
                }
                return waiter
            }
            waiter?.resume()
            return MessageReceipt(id: MessageID(message.key))
        }

        /// Waits for one message.
        func message(in id: Conversation.ID) async {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if let count = state.arrived[id], count > 0 {
                        state.arrived[id] = count - 1
                        return true
                    }
                    state.waiters[id] = continuation
                    return false
                }
                if isThere { continuation.resume() }
            }
        }

        static func events(in payload: JSONDocument, for receiver: Receiver) -> [GatewayEvent] { [] }
    }
}
