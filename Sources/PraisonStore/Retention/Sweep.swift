import PraisonCore

/// One rule by which rows go: a query for the numbers of those that are due.
struct Sweep: Sendable {
    /// Rows dropped in one transaction, so that no other write waits long.
    static let slice = 200

    let table: String
    /// SQL that selects the `id`s due, oldest first.
    let due: String

    /// Rows of `table` that match `condition` and were settled before `time`.
    static func aged(_ table: String, _ condition: String = "TRUE", before time: Timestamp) -> Sweep {
        Sweep(
            table: table,
            due: """
                SELECT id FROM \(table) WHERE settled_at IS NOT NULL AND settled_at < \(time.microseconds) AND \(condition)
                ORDER BY settled_at
                """)
    }

    /// The oldest rows of `table` that match `condition` while there are more than `maximum`, if they were settled
    /// before `time`.
    static func crowded(
        _ table: String, _ condition: String = "TRUE", beyond maximum: Int, before time: Timestamp
    ) -> Sweep {
        let settled = "settled_at IS NOT NULL AND \(condition)"
        return Sweep(
            table: table,
            due: """
                SELECT id FROM (
                    SELECT id, settled_at FROM \(table) WHERE \(settled) ORDER BY settled_at
                    LIMIT max(0, (SELECT count(*) FROM \(table) WHERE \(settled)) - \(maximum)))
                WHERE settled_at < \(time.microseconds)
                """)
    }

    /// What is due in the journal's tables at `now`.
    static func journal(_ retention: Retention, now: Timestamp) -> [Sweep] {
        let kept = now - retention.minimumSettled
        let (sent, failed) = ("state = 'sent'", "state = 'failed'")
        return [
            .aged("event", before: min(now - retention.settled, kept)),
            .crowded("event", beyond: retention.maximumSettled, before: kept),
            .aged("outbox", sent, before: min(now - retention.settled, kept)),
            .crowded("outbox", sent, beyond: retention.maximumSettled, before: kept),
            .aged("outbox", failed, before: min(now - retention.deadLetters, kept)),
            .crowded("outbox", failed, beyond: retention.maximumDeadLetters, before: kept),
            Sweep(
                table: "pairing_request",
                due: "SELECT rowid AS id FROM pairing_request WHERE expires_at <= \(now.microseconds)"),
        ]
    }

    /// What is due in the tables of sessions at `now`.
    static func sessions(_ retention: Retention, now: Timestamp) -> [Sweep] {
        [
            Sweep(
                table: "remembered",
                due: """
                    SELECT remembered.id FROM session JOIN remembered
                    ON remembered.session = session.id AND remembered.id <= session.starts_after
                    WHERE remembered.at < \((now - retention.pastHistory).microseconds)
                    """),
            Sweep(
                table: "remembered",
                due: """
                    SELECT old.id FROM (
                        SELECT session, count(*) AS count FROM remembered GROUP BY session
                        HAVING count > \(retention.maximumRemembered)) AS crowd
                    JOIN remembered AS old ON old.session = crowd.session AND old.id <= (
                        SELECT id FROM remembered WHERE session = crowd.session
                        ORDER BY id DESC LIMIT 1 OFFSET \(retention.maximumRemembered))
                    """),
            Sweep(
                table: "remembered",
                due: """
                    SELECT remembered.id FROM session JOIN remembered ON remembered.session = session.id
                    WHERE session.last_used < \((now - retention.idleSession).microseconds)
                    """),
            Sweep(
                table: "earlier_history",
                due: """
                    SELECT id FROM earlier_history WHERE NOT EXISTS (
                        SELECT 1 FROM remembered WHERE remembered.session = earlier_history.session
                        AND remembered.id > first AND remembered.id <= last)
                    """),
            Sweep(
                table: "summary",
                due: """
                    SELECT summary.id FROM summary JOIN session ON session.id = summary.session
                    WHERE through <= starts_after AND NOT EXISTS (
                        SELECT 1 FROM remembered WHERE remembered.session = summary.session AND remembered.id <= through)
                    """),
            Sweep(
                table: "session",
                due: """
                    SELECT id FROM session WHERE NOT EXISTS (SELECT 1 FROM remembered WHERE session = session.id)
                    """),
        ]
    }
}
