import GRDB
public import PraisonCore

/// Spending lives beside the journal and shares its commits.
extension SQLiteJournal: SpendLedger {
    /// Days for which single rows are kept.
    static let daysOfSpending = 400

    public func reserve(
        _ amount: NanoDollars, for spender: Spender, within limits: [SpendLimit]
    ) async throws -> SpendReservation {
        try await store.write { (database) -> SpendReservation in
            for standing in try Self.standing(database, of: limits, for: spender) {
                let limit = standing.limit
                if limit.amount < standing.spent + standing.setAside + amount { return .refused(limit) }
            }
            try database.execute(
                sql: "INSERT INTO spend_reservation (day, agent, channel, sender, amount) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    spender.day, spender.agent.rawValue, spender.channel.rawValue, spender.sender, amount.value,
                ])
            return .reserved(database.lastInsertedRowID)
        }
    }

    public func settle(
        _ reservation: SpendReservation.ID, of spender: Spender, model: String, _ total: SpendTotal
    ) async throws {
        try await store.write { database in
            try database.execute(sql: "DELETE FROM spend_reservation WHERE id = ?", arguments: [reservation])
            // Settled twice, it counts once.
            guard database.changesCount > 0 else { return }
            try database.execute(
                sql: """
                    INSERT INTO spend VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, input = input + excluded.input,
                        cached_input = cached_input + excluded.cached_input, output = output + excluded.output,
                        cost = cost + excluded.cost
                    """,
                arguments: [
                    spender.day, spender.agent.rawValue, spender.channel.rawValue, spender.sender, model, total.calls,
                    total.usage.input, total.usage.cachedInput, total.usage.output, total.cost.value,
                ])
        }
    }

    public func spent(in scope: SpendLimit.Scope, by name: String?, since first: Int) async throws -> SpendTotal {
        try await store.read { database in
            try Self.total(database, scope, name, since: first)
        }
    }

    public func standing(of limits: [SpendLimit], for spender: Spender) async throws -> [SpendStanding] {
        try await store.read { try Self.standing($0, of: limits, for: spender) }
    }

    private static func standing(
        _ database: Database, of limits: [SpendLimit], for spender: Spender
    ) throws -> [SpendStanding] {
        let start = CivilMonth.firstDay(ofMonthWith: spender.day)
        return try limits.compactMap { limit in
            let name = spender.name(in: limit.scope)
            if let only = limit.only, only != name { return nil }
            let first = limit.period == .day ? spender.day : start
            return SpendStanding(
                limit, spent: try total(database, limit.scope, name, since: first).cost,
                setAside: try setAside(database, limit.scope, name, since: first))
        }
    }

    public func spending(by grouping: SpendGrouping, since first: Int, limit: Int) async throws -> [SpendShare] {
        let column = grouping.rawValue
        let order = grouping == .day ? "day DESC" : "sum(cost) DESC, sum(calls) DESC, \(column)"
        return try await store.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT CAST(\(column) AS TEXT), sum(calls), sum(input), sum(cached_input), sum(output), sum(cost)
                    FROM spend WHERE day >= ? GROUP BY \(column) ORDER BY \(order) LIMIT ?
                    """, arguments: [first, limit]
            ).map { SpendShare(name: $0[0], total: Self.total($0, from: 1)) }
        }
    }

    private static func total(_ row: Row, from column: Int) -> SpendTotal {
        let cost: Int64 = row[column + 4]
        return SpendTotal(
            calls: row[column],
            usage: TokenUsage(input: row[column + 1], cachedInput: row[column + 2], output: row[column + 3]),
            cost: NanoDollars(cost))
    }

    private static func total(
        _ database: Database, _ scope: SpendLimit.Scope, _ name: String?, since first: Int
    ) throws -> SpendTotal {
        let (condition, arguments) = part(of: scope, name, since: first)
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT ifnull(sum(calls), 0), ifnull(sum(input), 0), ifnull(sum(cached_input), 0),
                    ifnull(sum(output), 0), ifnull(sum(cost), 0)
                FROM spend WHERE \(condition)
                """, arguments: arguments)
        return row.map { Self.total($0, from: 0) } ?? SpendTotal()
    }

    private static func setAside(
        _ database: Database, _ scope: SpendLimit.Scope, _ name: String?, since first: Int
    ) throws -> NanoDollars {
        let (condition, arguments) = part(of: scope, name, since: first)
        let sum = try Int64.fetchOne(
            database, sql: "SELECT ifnull(sum(amount), 0) FROM spend_reservation WHERE \(condition)",
            arguments: arguments)
        return NanoDollars(sum ?? 0)
    }

    private static func part(
        of scope: SpendLimit.Scope, _ name: String?, since first: Int
    ) -> (condition: String, arguments: StatementArguments) {
        scope == .all
            ? ("day >= ?", [first]) : ("day >= ? AND \(scope.rawValue) = ?", [first, name ?? ""])
    }

    /// Drops what is too old for any limit.
    func tidySpending(before day: Int) async throws -> Int {
        try await store.write { database in
            try database.execute(sql: "DELETE FROM spend WHERE day < ?", arguments: [day])
            let count = database.changesCount
            try database.execute(sql: "DELETE FROM spend_reservation WHERE day < ?", arguments: [day])
            return count + database.changesCount
        }
    }
}

/// Months, as limits count them.
enum CivilMonth {
    /// The first day of the month in which `day` is; both are days since 1970.
    ///
    /// Source: the era arithmetic of https://howardhinnant.github.io/date_algorithms.html
    static func firstDay(ofMonthWith day: Int) -> Int {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // Months from March on, of which the first five have 153 days together.
        let month = (5 * dayOfYear + 2) / 153
        return day - (dayOfYear - (153 * month + 2) / 5)
    }
}
