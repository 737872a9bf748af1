import PraisonCore

/// What people want to know of a channel's block, in their words.
struct ChannelOverview {
    let name: String
    let platform: String
    /// What tells it from other channels of the platform: `default`, or what its name says besides.
    let instance: String
    /// `set`, `not set` or `none needed`.
    let token: String
    /// `dm: support`, one for each line of the table.
    let routing: [String]
    let access: [String]
    let offReason: String?
    private let accessMembers: JSONValue

    init(_ channel: ChannelSettings) {
        name = channel.name.rawValue.escapingControls
        platform = channel.platform.rawValue.escapingControls
        instance = Self.instance(channel)
        token = channel.token != nil ? "set" : channel.offReason == nil ? "none needed" : "not set"
        routing = Self.routing(channel.routing).map(\.escapingControls)
        access = AccessWords(channel.access).short
        offReason = channel.offReason?.escapingControls
        accessMembers = Self.json(channel.access)
    }

    private static func instance(_ channel: ChannelSettings) -> String {
        let (name, platform) = (channel.name.rawValue, channel.platform.rawValue)
        if name == platform { return "default" }
        let rest = name.hasPrefix(platform) ? name.dropFirst(platform.count).drop { "-_.".contains($0) } : ""
        return (rest.isEmpty ? name : String(rest)).escapingControls
    }

    private static func routing(_ routing: Routing) -> [String] {
        var lines = Conversation.Scope.allCases.compactMap { scope in
            routing.byScope[scope].map { "\(scope.rawValue): \($0)" }
        }
        if let fallback = routing.fallback { lines.append("default: \(fallback)") }
        if !routing.bindings.isEmpty {
            lines.append("\(routing.bindings.count) binding\(routing.bindings.count == 1 ? "" : "s")")
        }
        return lines
    }

    private static func json(_ access: AccessSettings) -> JSONValue {
        [
            "unknown_user_policy": .string(access.effectiveUnknownUserPolicy.rawValue),
            "group_policy": .string(access.groupPolicy.rawValue),
            "listed": JSONValue(access.allowedUsers.union(access.allowlist).count),
            "blocked": JSONValue(access.blocklist.count),
            "allowed_channels": JSONValue(access.allowedChannels.count),
            "owner": .bool(access.owner != nil),
        ]
    }

    /// One element of `channels --json`.
    var json: JSONValue {
        [
            "name": .string(name), "platform": .string(platform), "instance": .string(instance),
            "token": .string(token), "enabled": .bool(offReason == nil), "off_reason": JSONValue(offReason),
            "routing": .array(routing.map(JSONValue.string)), "access": accessMembers,
        ]
    }
}
