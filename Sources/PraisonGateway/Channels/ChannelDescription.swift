public import PraisonCore

/// A channel's rules in words, for the banner and for `praisonai gateway channels`.
public struct ChannelDescription: Hashable, Sendable {
    /// Which agent answers, such as `dm → personal, group → support, else assistant; 2 bindings`.
    public var routing: String
    /// Who may speak, such as `everybody (strangers are untrusted)` or `3 people listed, others are ignored`.
    public var access: String
    /// When it listens where several people talk, such as `in groups when called`.
    public var groups: String
    /// What somebody who runs this should know, a sentence each.
    public var warnings: [String]

    /// - Parameter agents: those that exist, so that a route to nowhere is told.
    public init(_ settings: ChannelSettings, agents: Set<AgentName>) {
        routing = Self.words(for: settings.routing)
        access = Self.words(for: settings.access)
        groups = Self.groupWords(for: settings.access)
        warnings = Self.warnings(settings, agents)
    }

    private static func words(for routing: Routing) -> String {
        var parts = Conversation.Scope.allCases.compactMap { scope in
            routing.byScope[scope].map { "\(scope.rawValue) → \($0)" }
        }
        if let fallback = routing.fallback {
            parts.append(parts.isEmpty ? "all → \(fallback)" : "else \(fallback)")
        }
        var text = parts.isEmpty ? "nobody answers" : parts.joined(separator: ", ")
        if !routing.bindings.isEmpty { text += "; \(counted(routing.bindings.count, "binding"))" }
        return text
    }

    private static func words(for access: AccessSettings) -> String {
        let listed = access.allowedUsers.union(access.allowlist).union(access.adminUsers)
        var known: [String] = []
        if let owner = access.owner { known.append("owner \(owner)") }
        let others = listed.subtracting(access.owner.map { [$0] } ?? []).count
        if others > 0 { known.append("\(people(others)) listed") }
        let blocked = access.blocklist.isEmpty ? "" : "; \(people(access.blocklist.count)) blocked"
        switch access.effectiveUnknownUserPolicy {
        case .allow:
            return (known.isEmpty ? "everybody" : known.joined(separator: ", ") + ", and everybody else")
                + " (strangers are untrusted)" + blocked
        case .deny:
            return (known.isEmpty ? "nobody" : known.joined(separator: ", ") + "; others are ignored") + blocked
        case .pair: return (known + ["others by pairing code"]).joined(separator: "; ") + blocked
        }
    }

    private static func groupWords(for access: AccessSettings) -> String {
        let places =
            access.allowedChannels.isEmpty
            ? "in groups" : "in \(counted(access.allowedChannels.count, "listed group"))"
        return switch access.groupPolicy {
        case .respondAll: "\(places) to every message"
        case .mentionOnly: "\(places) when called"
        case .commandOnly: "\(places) to commands"
        case .observe: "\(places) never"
        }
    }

    private static func warnings(_ settings: ChannelSettings, _ agents: Set<AgentName>) -> [String] {
        var warnings: [String] = []
        let access = settings.access
        if access.unknownUserPolicy == nil, access.effectiveUnknownUserPolicy == .allow {
            warnings.append(
                "anybody who finds \(settings.name) can talk to it: no list and no owner is set; "
                    + "set allowed_users, owner_user_id or unknown_user_policy")
        }
        let isNobodyListed = access.owner == nil && access.adminUsers.isEmpty && access.allowedUsers.isEmpty
        if access.effectiveUnknownUserPolicy == .deny, isNobodyListed, access.allowlist.isEmpty,
            access.allowedChannels.isEmpty
        {
            warnings.append("nobody can talk to \(settings.name): unknown_user_policy is deny and nobody is listed")
        }
        let routing = settings.routing
        if routing.byScope.isEmpty, routing.fallback == nil, routing.bindings.isEmpty {
            warnings.append("no agent answers on \(settings.name): set routing.default")
        }
        let targets = Set(routing.byScope.values).union(routing.bindings.map(\.agent))
            .union(routing.fallback.map { [$0] } ?? [])
        for target in targets.subtracting(agents).sorted() {
            warnings.append("\(settings.name) routes to \(target), and there is no such agent")
        }
        return warnings
    }

    private static func people(_ count: Int) -> String { count == 1 ? "1 person" : "\(count) people" }
}
