/// A channel's block in gateway.yaml, checked and with every default filled in.
public struct ChannelSettings: Hashable, Sendable {
    public var name: ChannelName
    public var platform: Platform
    /// Why the channel does not run; `nil` when it does (`enabled: false`, a token variable that is not set, …).
    public var offReason: String?
    public var token: Secret?
    public var appToken: Secret?
    /// The platform's own keys (``ChannelAdapter/options``), as written, secrets excluded.
    public var options: [String: JSONValue]
    /// The platform's own keys that are secret.
    public var secrets: [String: Secret]
    public var routing: Routing
    public var access: AccessSettings
    public var session: ChannelSessionSettings
    public var busy: BusyPolicy
    public var streaming: StreamingSettings
    /// The reply by which an agent chooses to say nothing; `nil` where it may not.
    public var silenceToken: String?
    /// Largest attachment fetched, in bytes.
    public var maxInboundMediaBytes: Int
    /// How voice messages are written down.
    public var speech = SpeechSettings()
    /// Who is asked when a tool needs somebody's word.
    public var approvals = ApprovalSettings()

    public init(
        name: ChannelName, platform: Platform, offReason: String? = nil, token: Secret? = nil,
        appToken: Secret? = nil, options: [String: JSONValue] = [:], secrets: [String: Secret] = [:],
        routing: Routing = Routing(), access: AccessSettings = AccessSettings(),
        session: ChannelSessionSettings = ChannelSessionSettings(), busy: BusyPolicy = .queue,
        streaming: StreamingSettings = StreamingSettings(), silenceToken: String? = nil,
        maxInboundMediaBytes: Int = 20 << 20
    ) {
        self.name = name
        self.platform = platform
        self.offReason = offReason
        self.token = token
        self.appToken = appToken
        self.options = options
        self.secrets = secrets
        self.routing = routing
        self.access = access
        self.session = session
        self.busy = busy
        self.streaming = streaming
        self.silenceToken = silenceToken
        self.maxInboundMediaBytes = maxInboundMediaBytes
    }
}

/// An adapter's refusal of its settings, for the person who wrote them.
public struct ChannelSettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The key at fault, relative to the channel's block.
    public var key: String
    /// What is wrong and what would put it right.
    public var problem: String
    /// What is wrong with other keys.
    public private(set) var others: [ChannelSettingsError] = []

    public init(key: String, problem: String) {
        self.key = key
        self.problem = problem
    }

    /// This one, and each of the others.
    public var all: [ChannelSettingsError] { [ChannelSettingsError(key: key, problem: problem)] + others }

    public var description: String { all.map { "\($0.key): \($0.problem)" }.joined(separator: "; ") }

    /// Reads settings key by key, so that a wrong one does not hide the next.
    ///
    /// ```swift
    /// var faults = ChannelSettingsError.Collection()
    /// let token = faults.read(try Self.token(in: settings))
    /// let shards = faults.read(try Self.shards(in: settings))
    /// guard let token, let shards else { throw faults.error }
    /// ```
    public struct Collection: Sendable {
        private var errors: [ChannelSettingsError] = []

        public init() {}

        /// - Returns: `nil` where the key is at fault, which is remembered.
        public mutating func read<Value>(_ value: @autoclosure () throws(ChannelSettingsError) -> Value) -> Value? {
            do {
                return try value()
            } catch {
                errors += error.all
                return nil
            }
        }

        /// Everything that was wrong, as one error.
        public var error: ChannelSettingsError {
            var error = errors.first ?? ChannelSettingsError(key: "", problem: "nothing is wrong")
            error.others = Array(errors.dropFirst())
            return error
        }
    }
}

/// Which agent answers where. A binding beats the table, the more specific one first.
public struct Routing: Hashable, Sendable {
    public var byScope: [Conversation.Scope: AgentName]
    public var fallback: AgentName?
    public var bindings: [Binding]

    public init(byScope: [Conversation.Scope: AgentName] = [:], fallback: AgentName? = nil, bindings: [Binding] = []) {
        self.byScope = byScope
        self.fallback = fallback
        self.bindings = bindings
    }

    /// An exception to the table: all criteria that are set must hold.
    public struct Binding: Hashable, Sendable {
        public enum Trust: String, Hashable, Sendable, Codable { case untrusted, standard, trusted }

        public var agent: AgentName
        public var chatType: Conversation.Scope?
        public var peer: SenderID?
        public var role: String?
        public var channelID: Conversation.ID?
        public var account: String?
        public var threadID: Conversation.Thread?
        public var guildID: String?
        public var parentChannelID: Conversation.ID?
        /// The higher wins before specificity is asked.
        public var priority: Int
        public var trust: Trust?
        public var allowTools: [String]?
        public var denyTools: [String]

        public init(
            agent: AgentName, chatType: Conversation.Scope? = nil, peer: SenderID? = nil, role: String? = nil,
            channelID: Conversation.ID? = nil, account: String? = nil, threadID: Conversation.Thread? = nil,
            guildID: String? = nil, parentChannelID: Conversation.ID? = nil, priority: Int = 0, trust: Trust? = nil,
            allowTools: [String]? = nil, denyTools: [String] = []
        ) {
            self.agent = agent
            self.chatType = chatType
            self.peer = peer
            self.role = role
            self.channelID = channelID
            self.account = account
            self.threadID = threadID
            self.guildID = guildID
            self.parentChannelID = parentChannelID
            self.priority = priority
            self.trust = trust
            self.allowTools = allowTools
            self.denyTools = denyTools
        }
    }
}

/// Who may speak to the bot, and when it listens in a group.
public struct AccessSettings: Hashable, Sendable {
    public enum GroupPolicy: String, Hashable, Sendable, CaseIterable {
        case respondAll = "respond_all"
        case mentionOnly = "mention_only"
        case commandOnly = "command_only"
        case observe
    }

    public enum UnknownUserPolicy: String, Hashable, Sendable, CaseIterable { case deny, allow, pair }

    public var owner: SenderID?
    public var adminUsers: Set<SenderID>
    public var allowedUsers: Set<SenderID>
    public var allowlist: Set<SenderID>
    public var blocklist: Set<SenderID>
    public var allowedChannels: Set<Conversation.ID>
    public var groupPolicy: GroupPolicy
    /// `nil` when the file does not say: allow while nobody is listed and no owner is set, else deny.
    public var unknownUserPolicy: UnknownUserPolicy?
    /// Whether messages by other bots are answered.
    public var allowBots: Bool
    /// Commands ordinary users may give; `nil` for all.
    public var userAllowedCommands: Set<String>?

    public init(
        owner: SenderID? = nil, adminUsers: Set<SenderID> = [], allowedUsers: Set<SenderID> = [],
        allowlist: Set<SenderID> = [], blocklist: Set<SenderID> = [], allowedChannels: Set<Conversation.ID> = [],
        groupPolicy: GroupPolicy = .mentionOnly, unknownUserPolicy: UnknownUserPolicy? = nil, allowBots: Bool = false,
        userAllowedCommands: Set<String>? = nil
    ) {
        self.owner = owner
        self.adminUsers = adminUsers
        self.allowedUsers = allowedUsers
        self.allowlist = allowlist
        self.blocklist = blocklist
        self.allowedChannels = allowedChannels
        self.groupPolicy = groupPolicy
        self.unknownUserPolicy = unknownUserPolicy
        self.allowBots = allowBots
        self.userAllowedCommands = userAllowedCommands
    }

    /// What happens to somebody nobody listed.
    public var effectiveUnknownUserPolicy: UnknownUserPolicy {
        if let unknownUserPolicy { return unknownUserPolicy }
        let nobodyListed = owner == nil && adminUsers.isEmpty && allowedUsers.isEmpty && allowlist.isEmpty
        return nobodyListed ? .allow : .deny
    }
}

/// How a channel remembers: its `session:` block.
public struct ChannelSessionSettings: Hashable, Sendable {
    public enum Scope: String, Hashable, Sendable, CaseIterable {
        /// Each person in a conversation has a history of their own.
        case perUser = "per_user"
        /// The conversation has one history.
        case perChat = "per_chat"
    }

    public enum Reset: Hashable, Sendable {
        case none
        /// A fresh history after this many minutes of silence.
        case idle(minutes: Int)
        /// A fresh history at this hour (0 to 23) of the machine's day.
        case daily(hour: Int)
        case both(minutes: Int, hour: Int)
    }

    public var scope: Scope
    /// Messages of history the agent sees.
    public var maxHistory: Int
    /// Put before a person's words in a shared history; `{sender}` stands for their name.
    public var attribution: String?
    /// Whether each message in the history tells its time.
    public var timestamps: Bool
    public var reset: Reset
    /// What becomes of a history that grows too long; `nil` where its oldest messages are just not shown any more.
    public var compaction: CompactionSettings?

    public init(
        scope: Scope = .perChat, maxHistory: Int = 100, attribution: String? = "[{sender}] ", timestamps: Bool = false,
        reset: Reset = .none, compaction: CompactionSettings? = nil
    ) {
        self.compaction = compaction
        self.scope = scope
        self.maxHistory = maxHistory
        self.attribution = attribution
        self.timestamps = timestamps
        self.reset = reset
    }
}

/// What happens to a message that comes while its conversation's turn is running.
public enum BusyPolicy: String, Hashable, Sendable, CaseIterable {
    /// It waits for its own turn.
    case queue
    /// It stops the turn that is running.
    case interrupt
    /// It waits, and all that wait are answered together.
    case merge
}

/// How a reply grows before it is whole: the channel's `streaming:` block.
public struct StreamingSettings: Hashable, Sendable {
    public enum Mode: String, Hashable, Sendable, CaseIterable { case off, draft, progress, auto }

    public var mode: Mode
    /// Between two edits, at least.
    public var minInterval: Duration
    /// Between two edits, at most, as long as there is something new to show.
    public var maxInterval: Duration
    /// Characters that must have come since the last edit, unless that is ``maxInterval`` ago.
    public var minDelta: Int
    /// Shown until the first words are there.
    public var placeholder: String
    /// Put before a reply that still grows.
    public var progressPrefix: String
    /// How much slower it goes on after the platform complained, 1 or more.
    public var floodBackoff: Double
    /// Failed edits after which the rest comes at once.
    public var maximumFailures: Int

    public init(
        mode: Mode = .off, minInterval: Duration = .milliseconds(1500), maxInterval: Duration = .seconds(30),
        minDelta: Int = 120, placeholder: String = "…", progressPrefix: String = "", floodBackoff: Double = 2,
        maximumFailures: Int = 3
    ) {
        self.mode = mode
        self.minInterval = minInterval
        self.maxInterval = maxInterval
        self.minDelta = minDelta
        self.placeholder = placeholder
        self.progressPrefix = progressPrefix
        self.floodBackoff = floodBackoff
        self.maximumFailures = maximumFailures
    }
}
