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
    let limits: [SpendLimit]
    /// Who asks, and when.
    let asker: Spender

    init(_ ledger: any SpendLedger, _ limits: [SpendLimit], _ asker: Spender) {
        self.ledger = ledger
        self.limits = limits
        self.asker = asker
    }

    private var today: Int { asker.day }
    private var month: Int { today - 29 }

    /// - Parameters:
    ///   - words: what was written after the command.
    ///   - isAdministrator: who runs the bot sees what others cost.
    func text(_ words: String, isAdministrator: Bool) async throws -> String {
        let word = words.lowercased().filter { !$0.isWhitespace }
        guard !word.isEmpty else { return try await overview(isAdministrator: isAdministrator) }
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

    private func overview(isAdministrator: Bool) async throws -> String {
        let person = asker.sender
        var lines = [
            Self.line("You, today", try await ledger.spent(in: .sender, by: person, since: today)),
            Self.line("You, the last 30 days", try await ledger.spent(in: .sender, by: person, since: month)),
        ]
        // Whatever limits there are, what is set aside for the person counts in all of them.
        let own = [SpendLimit(scope: .sender, only: person, amount: .zero)]
        let setAside = try await ledger.standing(of: own, for: asker).first?.setAside ?? .zero
        if setAside > .zero {
            lines.append("Set aside for you today, for answers that are being written or broke off: \(setAside) USD")
        }
        for standing in try await ledger.standing(of: limits, for: asker) {
            lines.append(Self.line(standing, isAdministrator: isAdministrator))
        }
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

    /// A limit that holds for who asks. How much of it others have used is for those who run the bot.
    private static func line(_ standing: SpendStanding, isAdministrator: Bool) -> String {
        let limit = standing.limit
        let whose =
            switch limit.scope {
            case .sender: "you"
            case .agent: "this agent"
            case .channel: "this channel"
            case .all: "everybody together"
            }
        let line = "Limit for \(whose): \(limit.amount) USD a \(limit.period.rawValue)"
        guard isAdministrator || limit.scope == .sender else { return line }
        let setAside = standing.setAside > .zero ? ", \(standing.setAside) set aside" : ""
        return "\(line), of which \(standing.spent) spent\(setAside)"
    }

    private static func line(_ title: String, _ total: SpendTotal) -> String {
        "\(title): \(counted(total.calls, "call")), \(total.usage.input) tokens in, \(total.usage.output) out, \(total.cost) USD"
    }
}
