/// One step in the life of a store's tables. Once released, a step is never changed; another is appended.
///
/// A room that keeps something of its own in the store adds a step with its tables to the list of ``SQLiteJournal``.
struct Migration: Sendable {
    /// Unique; remembered in the database.
    var name: String
    var sql: String
}
