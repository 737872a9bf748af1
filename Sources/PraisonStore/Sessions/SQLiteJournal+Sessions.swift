import GRDB
import Logging
public import PraisonCore

extension SQLiteJournal {
    public func history(of session: SessionKey, limit: Int) async throws -> SessionHistory {
        let found = try await store(of: session).read { database in
            try SessionTable(database: database).history(of: session, limit: limit)
        }
        var history = SessionHistory(lastUsed: found.lastUsed)
        for (position, line) in found.messages {
            guard let message = message(line, of: session) else { continue }
            history.messages.append(message)
            history.positions.append(position)
        }
        history.lastTurn = min(found.lastTurn, history.messages.count)
        history.summary = found.summary
        return history
    }

    public func earlierHistories(of session: SessionKey, limit: Int) async throws -> [EarlierHistory] {
        let found = try await store(of: session).read { database in
            try SessionTable(database: database).earlier(than: session, limit: limit)
        }
        return found.map { history in
            EarlierHistory(
                id: history.id, firstWords: history.first.flatMap { message($0, of: session) }?.text ?? "",
                messageCount: history.count, lastUsed: history.at)
        }
    }

    private func message(_ line: String, of session: SessionKey) -> ChatMessage? {
        if let words = ChatMessage(wordsIn: line) { return words }
        do {
            return try JSONColumn.value(ChatMessage.self, from: line)
        } catch {
            logger.error(
                "a remembered message can't be read, going on without it",
                metadata: ["session": "\(session)", "error": "\(error)"])
            return nil
        }
    }

    public func reset(_ session: SessionKey) async throws {
        try await store(of: session).write { try SessionTable(database: $0).reset(session) }
    }

    /// `session_config` governs the control plane's sessions; a channel's are always in the journal.
    private func separateSessions(of session: SessionKey) -> SeparateSessions? {
        session.conversation.channel == .gateway ? separateSessions : nil
    }

    private func store(of session: SessionKey) -> Store { separateSessions(of: session)?.store ?? store }

    func memory(of session: SessionKey?) -> TurnRecord.Memory {
        guard let separate = session.flatMap(separateSessions(of:)) else { return .here }
        return separate.isDurable ? .elsewhere : .nowhere
    }

    // MARK: Filing

    /// Turns filed in one transaction by ``fileLeftovers()``.
    private static let filingSlice = 100

    /// Files a turn that is settled. The turn stands whatever comes of it: a full disk delays its messages only.
    func file(_ turn: UnfiledTurn) async {
        guard let separateSessions else { return }
        do {
            try await separateSessions.store.write { try SeparateSessions.file(turn, in: $0) }
        } catch {
            logger.error(
                "a session's messages can't be filed yet",
                metadata: ["session": "\(turn.session)", "error": "\(error)"])
        }
    }

    /// Files what an earlier process, or a full disk, left unfiled. Blocks: call it while starting.
    func fileLeftoversOnStart() throws {
        guard let separateSessions, separateSessions.isDurable else { return }
        while true {
            let kept = try store.startUp { try UnfiledTurn.kept(in: $0, limit: Self.filingSlice) }
            if kept.isEmpty { return }
            try separateSessions.store.startUp { database in
                for (_, turn) in kept { try SeparateSessions.file(turn, in: database) }
            }
            try store.startUp { try UnfiledTurn.drop(kept.map(\.id), in: $0) }
        }
    }

    /// The same while running, which also lets go of what was filed meanwhile.
    func fileLeftovers() async throws {
        guard let separateSessions, separateSessions.isDurable else { return }
        while true {
            let kept = try await store.read { try UnfiledTurn.kept(in: $0, limit: Self.filingSlice) }
            if kept.isEmpty { return }
            try await separateSessions.store.write { database in
                for (_, turn) in kept { try SeparateSessions.file(turn, in: database) }
            }
            try await store.write { try UnfiledTurn.drop(kept.map(\.id), in: $0) }
        }
    }
}
