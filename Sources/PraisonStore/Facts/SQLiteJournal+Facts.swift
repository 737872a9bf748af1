import GRDB
public import PraisonCore

/// Memories live beside the journal and share its commits.
extension SQLiteJournal: FactStore {
    /// Of one subject; the oldest give way.
    static let maximumFacts = 500
    /// Words of a query that are looked for.
    private static let maximumWords = 24

    public func remember(_ text: String, about subject: String, at time: Timestamp) async throws -> Fact {
        try await store.write { database in
            // Told again, it is as new as the last time.
            try database.execute(
                sql: "DELETE FROM fact WHERE subject = ? AND text = ?", arguments: [subject, text])
            try database.execute(
                sql: "INSERT INTO fact (subject, text, pairs, at) VALUES (?, ?, ?, ?)",
                arguments: [subject, text, SpacelessText.pairs(in: text), time.microseconds])
            let id = database.lastInsertedRowID
            try database.execute(
                sql: """
                    DELETE FROM fact WHERE subject = ? AND id NOT IN
                        (SELECT id FROM fact WHERE subject = ? ORDER BY id DESC LIMIT ?)
                    """, arguments: [subject, subject, Self.maximumFacts])
            return Fact(id: id, subject: subject, text: text, at: time)
        }
    }

    public func facts(about subjects: [String], matching query: String?, limit: Int) async throws -> [Fact] {
        guard !subjects.isEmpty, limit > 0 else { return [] }
        let marks = subjects.map { _ in "?" }.joined(separator: ", ")
        guard let query else {
            return try await store.read { database in
                try Row.fetchAll(
                    database,
                    sql: "SELECT id, subject, text, at FROM fact WHERE subject IN (\(marks)) ORDER BY id DESC LIMIT ?",
                    arguments: StatementArguments(subjects) + [limit]
                ).map(Self.fact)
            }
        }
        let words = Self.expression(for: query)
        guard !words.isEmpty else { return [] }
        return try await store.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT fact.id, subject, fact.text, at FROM fact_words JOIN fact ON fact.id = fact_words.rowid
                    WHERE fact_words MATCH ? AND subject IN (\(marks)) ORDER BY rank LIMIT ?
                    """, arguments: [words] + StatementArguments(subjects) + [limit]
            ).map(Self.fact)
        }
    }

    private static func fact(_ row: Row) -> Fact {
        Fact(id: row[0], subject: row[1], text: row[2], at: Timestamp(microseconds: row[3]))
    }

    public func forget(_ id: Fact.ID?, about subjects: [String]) async throws -> Int {
        guard !subjects.isEmpty else { return 0 }
        let marks = subjects.map { _ in "?" }.joined(separator: ", ")
        return try await store.write { database in
            var arguments = StatementArguments(subjects)
            if let id { arguments += [id] }
            try database.execute(
                sql: "DELETE FROM fact WHERE subject IN (\(marks))" + (id == nil ? "" : " AND id = ?"),
                arguments: arguments)
            return database.changesCount
        }
    }

    /// Any of the query's words, or pairs of letters where there are no words, each in quotes, so that none of them means
    /// something to SQLite.
    private static func expression(for query: String) -> String {
        let words: [Substring] = query.lowercased().split { !$0.isLetter && !$0.isNumber }
        let terms = words.flatMap { word -> [String] in
            let runs = SpacelessText.runs(in: word)
            guard !runs.isEmpty else { return word.count > 1 ? ["\"\(word)\""] : [] }
            let others = word.unicodeScalars.split(whereSeparator: SpacelessText.isSpaceless).filter { $0.count > 1 }
            return runs.flatMap(quotedPairs) + others.map { "\"\(SpacelessText.word($0))\"" }
        }
        return terms.prefix(maximumWords).joined(separator: " OR ")
    }

    /// A letter alone is looked for at the beginning of the pairs.
    private static func quotedPairs(of run: [Unicode.Scalar]) -> [String] {
        guard run.count > 1 else { return ["\"\(SpacelessText.word(run[...]))\" *"] }
        return (1..<run.count).map { "\"\(SpacelessText.word(run[($0 - 1)...$0]))\"" }
    }
}
