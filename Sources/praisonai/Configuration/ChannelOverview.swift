import PraisonCore
import PraisonGateway

/// What people want to know of a channel's block, in their words.
struct ChannelOverview {
    private let channel: ChannelSettings
    private let words: ChannelDescription
    /// Why it does not run; `nil` when it does.
    let offReason: String?

    /// - Parameter refusal: what its adapter has against its settings.
    init(_ channel: ChannelSettings, agents: Set<AgentName>, refusal: String? = nil) {
        self.channel = channel
        offReason = channel.offReason ?? refusal
        words = ChannelDescription(channel, agents: agents)
    }

    static func all(in configuration: GatewayConfiguration) -> [ChannelOverview] {
        let agents = Set(configuration.agents.map(\.name))
        return configuration.channels.map { channel in
            let refusals = channel.offReason == nil ? ChannelRefusal.all(of: channel).map(\.reason) : []
            return ChannelOverview(
                channel, agents: agents, refusal: refusals.isEmpty ? nil : refusals.joined(separator: "; "))
        }
    }

    var name: String { channel.name.rawValue }
    var platform: String { channel.platform.rawValue }
    var warnings: [String] { words.warnings }

    /// What tells it from other channels of the platform: `default`, or what its name says besides.
    var instance: String {
        if name == platform { return "default" }
        let rest = name.hasPrefix(platform) ? name.dropFirst(platform.count).drop { "-_.".contains($0) } : ""
        return rest.isEmpty ? name : String(rest)
    }

    /// `set`, `not set` or `none needed`.
    var token: String { channel.token != nil ? "set" : channel.offReason == nil ? "none needed" : "not set" }

    var routing: String { words.routing }
    var access: String { "\(words.access), \(words.groups)" }

    /// One element of `channels --json`.
    var json: JSONValue {
        let access = channel.access
        return [
            "name": .string(name), "platform": .string(platform), "instance": .string(instance),
            "token": .string(token), "enabled": .bool(offReason == nil), "off_reason": JSONValue(offReason),
            "routing": .object(routes), "bindings": JSONValue(channel.routing.bindings.count),
            "access": [
                "unknown_user_policy": .string(access.effectiveUnknownUserPolicy.rawValue),
                "group_policy": .string(access.groupPolicy.rawValue), "summary": .string(self.access),
            ],
            "warnings": .array(warnings.map(JSONValue.string)),
        ]
    }

    private var routes: [String: JSONValue] {
        var routes: [String: JSONValue] = [:]
        for (scope, agent) in channel.routing.byScope { routes[scope.rawValue] = .string(agent.rawValue) }
        routes["default"] = channel.routing.fallback.map { .string($0.rawValue) }
        return routes
    }
}
