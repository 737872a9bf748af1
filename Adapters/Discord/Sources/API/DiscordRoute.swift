import PraisonCore

/// One endpoint of the REST API with its parameters filled in.
struct DiscordRoute: Hashable, Sendable {
    let method: HTTPRequest.Method
    /// With a leading slash, escaped.
    let path: String
    /// What shares a limit as long as the server has named no bucket: method and path with blanks.
    let template: String
    /// The channel, server or webhook a limit is kept for.
    let major: String
    /// Answers to interactions do not count toward the global limit.
    var isUnderGlobalLimit = true

    private init(_ method: HTTPRequest.Method, _ template: String, _ parameters: [String], global: Bool = true) {
        self.method = method
        self.template = "\(method.rawValue) \(template)"
        // A webhook's limits are kept for each of its tokens.
        let isTokened = template.hasPrefix("/webhooks/") || template.hasPrefix("/interactions/")
        major = parameters.prefix(isTokened ? 2 : 1).joined(separator: "/")
        isUnderGlobalLimit = global
        var rest = parameters[...]
        path = template.split(separator: "/").map { segment in
            "/" + (segment == "*" ? FormEncoding.escape(rest.popFirst() ?? "") : String(segment))
        }.joined()
    }

    static let gateway = Self(.get, "/gateway/bot", [])
    static let application = Self(.get, "/applications/@me", [])

    static func channel(_ id: String) -> Self { Self(.get, "/channels/*", [id]) }
    static func roles(of guild: String) -> Self { Self(.get, "/guilds/*/roles", [guild]) }
    static func createMessage(in channel: String) -> Self { Self(.post, "/channels/*/messages", [channel]) }
    static func messages(in channel: String) -> Self { Self(.get, "/channels/*/messages", [channel]) }
    static func message(_ id: String, in channel: String) -> Self {
        Self(.get, "/channels/*/messages/*", [channel, id])
    }
    static func editMessage(_ id: String, in channel: String) -> Self {
        Self(.patch, "/channels/*/messages/*", [channel, id])
    }
    static func typing(in channel: String) -> Self { Self(.post, "/channels/*/typing", [channel]) }

    /// - Parameter emoji: a character, or `name:id`.
    static func react(_ emoji: String, to message: String, in channel: String) -> Self {
        Self(.put, "/channels/*/messages/*/reactions/*/@me", [channel, message, emoji])
    }
    static func unreact(_ emoji: String, to message: String, in channel: String) -> Self {
        Self(.delete, "/channels/*/messages/*/reactions/*/@me", [channel, message, emoji])
    }

    static func commands(of application: String) -> Self { Self(.put, "/applications/*/commands", [application]) }

    static func respond(to interaction: String, token: String) -> Self {
        Self(.post, "/interactions/*/*/callback", [interaction, token], global: false)
    }
    static func editResponse(of application: String, token: String) -> Self {
        Self(.patch, "/webhooks/*/*/messages/@original", [application, token], global: false)
    }
    static func deleteResponse(of application: String, token: String) -> Self {
        Self(.delete, "/webhooks/*/*/messages/@original", [application, token], global: false)
    }
    static func followUp(of application: String, token: String) -> Self {
        Self(.post, "/webhooks/*/*", [application, token], global: false)
    }
}
