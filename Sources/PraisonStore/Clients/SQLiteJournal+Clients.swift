public import PraisonCore

/// Control-plane sessions live where their histories do: beside the journal, sharing its commits, or in the folder of
/// `session_config.persist_path`.
extension SQLiteJournal: ClientSessionStore {
    private var clientStore: Store { separateSessions?.store ?? store }

    public func session(_ id: String) async throws -> ClientSessionRecord? {
        try await clientStore.read { try ClientSessionTable(database: $0).session(id) }
    }

    public func save(_ change: ClientSessionChange) async throws {
        try await clientStore.write { try ClientSessionTable(database: $0).save(change) }
    }

    @discardableResult
    public func forgetSessions(unusedSince time: Timestamp) async throws -> Int {
        try await clientStore.write { try ClientSessionTable(database: $0).forget(unusedSince: time) }
    }
}
