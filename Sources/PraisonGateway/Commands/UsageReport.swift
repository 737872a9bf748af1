import PraisonCore

/// What `/usage` tells: people what they have cost, and those who run the bot what everybody has.
struct UsageReport: Sendable {
    /// What can be asked for besides, as it is written after the command.
    private static let groupings: [(word: String, grouping: SpendGrouping)] = [
        ("agents", .agent), ("channels", .channel), ("people", .sender), ("models", .model), ("days", .day),
    ]
    private static let maximumShown = 20
    /// For `/help`.
    static let arguments = groupings.map(\.word).joined(separator: "|")

    let ledger: any SpendLedger
    /// Days since 1970, in UTC.
    let today: Int

    init(_ ledger: any SpendLedger, at now: Timestamp) {
        self.ledger = ledger
        today = Int(now.microseconds / 86_400_000_000)
    }

    private var month: Int { today - 29 }

    /// - Parameters:
    ///   - words: what was written after the command.
    ///   - isAdministrator: who runs the bot sees what others cost.
    func text(for person: String, _ words: String, isAdministrator: Bool) async throws -> String {
        let word = words.lowercased().filter { !$0.isWhitespace }
        guard !word.isEmpty else { return try await overview(of: person, isAdministrator: isAdministrator) }
        guard isAdministrator else { return "What others have cost is told to those only who run this bot." }
        guard let grouping = Self.groupings.first(where: { $0.word == word })?.grouping else {
            return "I can tell \(Self.offer)."
        }
        let shares = try await ledger.spending(by: grouping, since: month, limit: Self.maximumShown + 1)
        guard !shares.isEmpty else { return "Nothing has been spent in the last 30 days." }
        var lines = ["The last 30 days, by \(grouping == .sender ? "person" : grouping.rawValue):"]
        lines += shares.prefix(Self.maximumShown).map { Self.line(title(of: $0.name, in: grouping), $0.total) }
        if shares.count > Self.maximumShown { lines.append("… and others, who cost less.") }
        return lines.joined(separator: "\n")
    }

    private func overview(of person: String, isAdministrator: Bool) async throws -> String {
        var lines = [
            Self.line("You, today", try await ledger.spent(in: .sender, by: person, since: today)),
            Self.line("You, the last 30 days", try await ledger.spent(in: .sender, by: person, since: month)),
        ]
        if isAdministrator {
            lines += [
                Self.line("Everybody, today", try await ledger.spent(in: .all, by: nil, since: today)),
                Self.line("Everybody, the last 30 days", try await ledger.spent(in: .all, by: nil, since: month)),
                "More: \(Self.offer).",
            ]
        }
        return lines.joined(separator: "\n")
    }

    private static let offer = groupings.map { "/usage \($0.word)" }.joined(separator: ", ")

    private func title(of name: String, in grouping: SpendGrouping) -> String {
        guard grouping == .day, let day = Int(name) else { return name }
        return switch today - day {
        case ...0: "Today"
        case 1: "Yesterday"
        case let count: "\(count) days ago"
        }
    }

    private static func line(_ title: String, _ total: SpendTotal) -> String {
        "\(title): \(counted(total.calls, "call")), \(total.usage.input) tokens in, \(total.usage.output) out, \(total.cost) USD"
    }
}
