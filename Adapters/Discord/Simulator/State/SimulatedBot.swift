import PraisonCore

/// A bot, which is its application's only user.
struct SimulatedBot {
    let id: String
    let token: String
    let username: String
    /// All privileged intents are switched on (bits 14, 15, 18, 19), and it may register commands.
    var flags = 1 << 15 | 1 << 19 | 1 << 23
    var commands: [JSONValue] = []
    /// When it identified within the last day, for the limit.
    var identifies: [Duration] = []
    /// When somebody of a bucket identified last.
    var lastIdentify: [Int: Duration] = [:]
    /// How many shards it is advised to have, and how many may identify at once.
    var shards = 1
    var maxConcurrency = 1
    /// Identified since the beginning; what is said before that is kept for it.
    var hasIdentified = false
    /// Taken away after too many identifies.
    var isTokenReset = false
    /// What it hears as soon as it first comes.
    var mailbox: [Dispatch] = []

    /// The role that came with it.
    var role: String { String((UInt64(id) ?? 0) &+ 500) }

    var user: JSONValue {
        [
            "id": .string(id), "username": .string(username), "discriminator": "0", "global_name": nil, "avatar": nil,
            "bot": true, "public_flags": 0, "flags": 0, "banner": nil, "accent_color": nil, "mfa_enabled": true,
            "verified": true, "email": nil, "locale": "en-US",
        ]
    }

    var application: JSONValue {
        [
            "id": .string(id), "name": .string(username), "icon": nil, "description": "", "bot_public": true,
            "bot_require_code_grant": false, "verify_key": "00", "flags": JSONValue(flags), "bot": user,
            "owner": [
                "id": .string(World.owner), "username": "owner", "discriminator": "0", "global_name": nil,
                "avatar": nil,
                "public_flags": 0, "flags": 0,
            ],
            "team": nil, "summary": "", "rpc_origins": [], "approximate_guild_count": 1, "tags": [], "hook": true,
            "integration_types_config": ["0": [:]], "redirect_uris": [], "interactions_endpoint_url": nil,
            "role_connections_verification_url": nil, "cover_image": nil, "approximate_user_install_count": 0,
        ]
    }

    var member: JSONValue { World.member(user, roles: [.string(role)]) }
}

/// Something that bots are told through the gateway, before it has a number.
struct Dispatch: Sendable {
    var name: String
    var data: [String: JSONValue]
    /// The intent without which it is not told; `nil` for what everybody hears.
    var intent: Int?
    var isDirect = false
}
