import PraisonCore

/// Who may speak on a channel, said plainly.
struct AccessWords {
    private let access: AccessSettings

    init(_ access: AccessSettings) { self.access = access }

    private var listedCount: Int {
        access.allowedUsers.union(access.allowlist).union(access.adminUsers).union(access.owner.map { [$0] } ?? [])
            .count
    }

    /// Some short lines for a table.
    var short: [String] {
        var lines: [String] = []
        switch access.effectiveUnknownUserPolicy {
        case .allow: lines.append("anyone")
        case .deny: lines.append(listedCount == 0 ? "nobody" : "\(listedCount) listed")
        case .pair: lines.append(listedCount == 0 ? "paired" : "\(listedCount) listed, paired")
        }
        if !access.blocklist.isEmpty { lines.append("\(access.blocklist.count) blocked") }
        if !access.allowedChannels.isEmpty { lines.append("\(access.allowedChannels.count) places") }
        switch access.groupPolicy {
        case .mentionOnly: lines.append("groups: mention")
        case .respondAll: lines.append("groups: all")
        case .commandOnly: lines.append("groups: commands")
        case .observe: lines.append("groups: silent")
        }
        return lines
    }

    /// One sentence for the banner.
    var sentence: String {
        let people =
            switch access.effectiveUnknownUserPolicy {
            case .allow where access.unknownUserPolicy == nil:
                "anyone may write, because nobody is listed (allowed_users) and no owner is set"
            case .allow: "anyone may write (unknown_user_policy: allow)"
            case .deny where listedCount == 0: "nobody may write (unknown_user_policy: deny, and nobody is listed)"
            case .deny: "only the \(listedCount) listed may write"
            case .pair: "strangers get a code to pair with"
            }
        let groups =
            switch access.groupPolicy {
            case .mentionOnly: "in groups it answers when called by name or replied to"
            case .respondAll: "in groups it answers everything"
            case .commandOnly: "in groups it answers commands only"
            case .observe: "in groups it stays silent"
            }
        return "\(people); \(groups)"
    }
}
