import Logging
import PraisonCore
import PraisonStore

#if canImport(Glibc)
    import Glibc
#endif

/// Several callers who each take an event through its whole life, over and over, and say so after each step.
struct CrashWriter: Sendable {
    private static let callers = 8

    let store: String
    let sessions: String
    /// Makes the events of one process different from those of the next.
    let run: String

    static func journal(_ store: String, sessions: String) throws -> SQLiteJournal {
        try SQLiteJournal(
            .file(store), sessions: SessionSettings(persistPath: sessions == "-" ? nil : sessions),
            clock: SystemClock(), logger: Logger(label: "crash") { _ in SwiftLogNoOpLogHandler() })
    }

    func run() async throws {
        let journal = try Self.journal(store, sessions: sessions)
        for entry in try await journal.unsettledEntries() { try await settle(entry, in: journal) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 1...Self.callers { group.addTask { try await write(caller, to: journal) } }
            try await group.waitForAll()
        }
    }

    private func write(_ caller: Int, to journal: SQLiteJournal) async throws {
        let conversation = Conversation(
            channel: .gateway, id: Conversation.ID("\(caller)"), scope: .dm)
        for number in 1... {
            let message = InboundMessage(
                id: MessageID("\(number)"), conversation: conversation, sender: Sender(id: "ada"), text: "hello")
            let event = GatewayEvent(
                message: message, id: EventID("\(run)/\(caller)/\(number)"), timestamp: SystemClock().now)
            guard let entry = try await journal.append([event]).first else { exit(70) }
            say("appended", event.id)
            try await settle(entry, in: journal)
        }
    }

    private func settle(_ entry: JournalEntry, in journal: SQLiteJournal) async throws {
        guard let message = entry.event.message else { exit(70) }
        let id = entry.event.id
        _ = try await journal.beginAttempt([entry.id])
        let replies = (0...1).map {
            OutboundMessage(key: "\(id)/\($0)", conversation: message.conversation, text: "hi", answers: id)
        }
        let turn = SettledTurn(
            entries: [entry.id], outcome: TurnOutcome(.answered),
            session: SessionKey(agent: "helper", conversation: message.conversation),
            remember: [ChatMessage(.user, id.rawValue), ChatMessage(.assistant, id.rawValue)], messages: replies,
            at: SystemClock().now)
        let rows = try await journal.settle(turn)
        say("settled", id)
        for row in rows.prefix(1) {
            try await journal.claim(row.id)
            say("claimed", id)
            try await journal.settle(row.id, .sent(MessageReceipt(id: "1")))
            say("sent", id)
        }
    }

    /// One system call for each line, so that none is ever half there.
    private func say(_ what: String, _ id: EventID) {
        let line = Array("\(what) \(id)\n".utf8)
        if Glibc.write(STDOUT_FILENO, line, line.count) != line.count { exit(0) }
    }
}
