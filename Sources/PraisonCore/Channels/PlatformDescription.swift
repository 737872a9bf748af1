/// What the configuration has to know of a platform, whether this build speaks it or not.
public struct PlatformDescription: Hashable, Sendable {
    public var platform: Platform
    /// Keys the platform adds to a channel's block.
    public var options: [ChannelOption]
    /// Whether a channel cannot run without `token`.
    public var requiresToken: Bool
    /// The environment variable that holds the token when the file names none, such as `TELEGRAM_BOT_TOKEN`.
    public var tokenVariable: String
    /// ``ChannelCapabilities/memberships``; taken for granted of what is not spoken.
    public var tellsMemberships: Bool
    /// Why the platform is known but not spoken; `nil` when it is spoken.
    public var absence: Absence?

    /// Why a platform is not spoken, and what to do instead.
    public struct Absence: Hashable, Sendable {
        public var reason: String
        public var alternative: String?

        public init(reason: String, alternative: String? = nil) {
            self.reason = reason
            self.alternative = alternative
        }
    }

    public init(
        platform: Platform, options: [ChannelOption] = [], requiresToken: Bool = true, tokenVariable: String? = nil,
        tellsMemberships: Bool = true, absence: Absence? = nil
    ) {
        self.platform = platform
        self.options = options
        self.requiresToken = requiresToken
        self.tokenVariable = tokenVariable ?? platform.rawValue.uppercased() + "_BOT_TOKEN"
        self.tellsMemberships = tellsMemberships
        self.absence = absence
    }

    /// A platform that this build speaks.
    public init(_ adapter: any ChannelAdapter.Type, requiresToken: Bool = true, tokenVariable: String? = nil) {
        self.init(
            platform: adapter.platform, options: adapter.options, requiresToken: requiresToken,
            tokenVariable: tokenVariable, tellsMemberships: adapter.capabilities.memberships)
    }

    public var isOffered: Bool { absence == nil }
}
