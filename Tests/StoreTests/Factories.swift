import Foundation
import Logging
import PraisonCore
import PraisonSimulation
import PraisonStore

extension GatewayEvent {
    /// A message of Ada's; `id` is its place in the chat and makes the event's key.
    static func make(_ id: Int, text: String = "hello", chat: Conversation.ID = "42") -> GatewayEvent {
        GatewayEvent(
            message: InboundMessage(
                id: MessageID("\(id)"), conversation: .make(chat), sender: Sender(id: "ada", displayName: "Ada"),
                text: text),
            id: EventID("house/\(chat)/\(id)"), timestamp: Timestamp(seconds: 1_767_225_600))
    }
}

extension GatewayEvent {
    /// An event that is no message.
    static func make(type: EventType, source: String) -> GatewayEvent {
        GatewayEvent(
            type: type, payload: .fields([:]), id: EventID("\(source)/\(type)"), timestamp: Timestamp(seconds: 1),
            source: source)
    }
}

extension Conversation {
    static func make(_ chat: ID = "42", thread: Thread? = nil, channel: ChannelName = "house") -> Conversation {
        Conversation(channel: channel, id: chat, scope: .dm, thread: thread)
    }
}

extension OutboundMessage {
    static func make(
        _ key: String, text: String = "hi", in conversation: Conversation = .make(), answers: EventID? = nil
    ) -> OutboundMessage {
        OutboundMessage(key: key, conversation: conversation, text: text, answers: answers)
    }
}

extension SettledTurn {
    static func make(
        _ entries: [JournalEntry], _ status: TurnOutcome.Status = .answered, session: SessionKey? = nil,
        remember: [ChatMessage] = [], messages: [OutboundMessage] = [], at time: Timestamp = Timestamp(seconds: 1)
    ) -> SettledTurn {
        SettledTurn(
            entries: entries.map(\.id), outcome: TurnOutcome(status), session: session, remember: remember,
            messages: messages, at: time)
    }
}

extension SessionKey {
    static func make(
        _ agent: AgentName = "helper", in conversation: Conversation = .make(), sender: SenderID? = nil
    ) -> SessionKey {
        SessionKey(agent: agent, conversation: conversation, sender: sender)
    }
}

extension PairingRequest {
    static func make(
        _ sender: SenderID, code: String, on channel: ChannelName = "house",
        at time: Timestamp = VirtualClock().now, lifetime: Duration = .seconds(3600)
    ) -> PairingRequest {
        PairingRequest(
            channel: channel, sender: Sender(id: sender), code: code, requestedAt: time, expiresAt: time + lifetime)
    }
}

extension SQLiteJournal {
    static func make(
        _ location: Location = .memory, clock: any GatewayClock = VirtualClock()
    ) throws -> SQLiteJournal {
        try SQLiteJournal(location, clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}

/// A folder of a test's own, gone afterwards.
struct TemporaryFolder: ~Copyable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path() + "/praisonai-store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func file(_ name: String = "gateway.sqlite") -> String { path + "/" + name }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension TemporaryFolder {
    /// The bytes of every file in it, as far as they are text.
    borrowing func contents() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).map { name in
            String(decoding: try Data(contentsOf: URL(filePath: file(name))), as: UTF8.self)
        }
    }
}
