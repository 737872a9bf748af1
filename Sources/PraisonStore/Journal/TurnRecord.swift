import GRDB
import PraisonCore

/// A settled turn on its way into the journal, made ready outside the writing thread.
struct TurnRecord: Sendable {
    /// Where a session's messages go.
    enum Memory: Sendable {
        /// Into the journal's own tables.
        case here
        /// Into ``SeparateSessions`` on disk: they are kept here until they are there.
        case elsewhere
        /// Into ``SeparateSessions`` in memory: nothing of them is kept here.
        case nowhere
    }

    private let turn: SettledTurn
    private let memory: Memory
    private let outcome: String
    private let lines: [String]
    private let messages: [OutboxTable.NewRow]

    init(_ turn: SettledTurn, memory: Memory) throws {
        self.turn = turn
        self.memory = memory
        outcome = try JSONColumn.text(turn.outcome)
        lines = try turn.remember.map(JSONColumn.text)
        messages = try turn.messages.map(OutboxTable.NewRow.init)
    }

    /// Inside a transaction.
    ///
    /// - Returns: the new rows of the outbox, and what has to be filed elsewhere after the commit.
    func keep(in database: Database, _ file: String) throws -> ([OutboxRow], UnfiledTurn?) {
        let update = try database.cachedStatement(
            sql: "UPDATE event SET outcome_json = ?, settled_at = ? WHERE id = ? AND settled_at IS NULL")
        for id in turn.entries {
            try update.execute(arguments: [outcome, turn.at.microseconds, id])
            guard database.changesCount > 0 else {
                throw StoreError(.contradiction, file: file, "entry \(id) is unknown, or has its outcome already")
            }
        }
        let unfiled = try remember(in: database)
        return (try OutboxTable(database: database).insert(messages, at: turn.at), unfiled)
    }

    private func remember(in database: Database) throws -> UnfiledTurn? {
        guard let session = turn.session, !lines.isEmpty || turn.change != nil || turn.summary != nil else {
            return nil
        }
        let unfiled = UnfiledTurn(
            session: session, change: turn.change, summary: turn.summary, lines: lines, at: turn.at)
        switch memory {
        case .here:
            try unfiled.apply(in: database)
            return nil
        case .elsewhere: return try unfiled.kept(in: database)
        case .nowhere: return unfiled
        }
    }
}
