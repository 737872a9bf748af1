/// The hub as the control plane sees it: where events go in, and what can be asked and stopped.
public protocol Hub: Sendable {
    /// Commits events to the journal and queues them; see ``ChannelContext/accept``.
    ///
    /// - Returns: those that were new. The others had been accepted before and are not taken twice.
    @discardableResult
    func accept(_ events: [GatewayEvent]) async throws -> Set<EventID>

    /// Whether a turn runs or messages wait in the conversation.
    func isBusy(_ conversation: Conversation) async -> Bool

    /// The messages of a conversation that were accepted and have no outcome yet, oldest first, at most `limit`.
    func unanswered(in conversation: Conversation, limit: Int) async throws -> [GatewayEvent]

    /// What became of an event; `nil` when it is unknown or not settled yet.
    func outcome(of event: EventID) async throws -> TurnOutcome?

    /// Stops the conversation's running turn, and drops what waits behind it when `includingQueued`.
    func stop(_ conversation: Conversation, includingQueued: Bool) async -> StoppedTurns

    /// Neither hears nor speaks on the channel any more, also after a restart, until it is resumed. Nothing is lost:
    /// the platform keeps what comes in, as far as it does, and the journal what waits to go out.
    func pause(_ channel: ChannelName) async -> ChannelChange

    /// Ends a pause.
    func resume(_ channel: ChannelName) async -> ChannelChange

    /// Lets the channel's adapter start anew at once, also where its token had been refused.
    func reconnect(_ channel: ChannelName) async -> ChannelChange

    /// What happens, as it happens: messages as they are accepted, failed turns, channels that come and go. The control
    /// plane publishes its clients' comings and goings here too.
    var events: EventFeed { get }

    /// What an agent remembers of a conversation: the last `limit` messages, oldest first.
    func history(of session: SessionKey, limit: Int) async throws -> SessionHistory

    /// People who knocked and wait to be let in.
    func pendingPairings() async throws -> [PairingRequest]

    /// Lets in whoever was given the code.
    ///
    /// - Returns: who that is; `nil` when there is no such code, or it has expired.
    func approvePairing(channel: ChannelName, code: String) async throws -> PairingRequest?

    /// Takes back what pairing gave.
    ///
    /// - Returns: whether there was anything to take back.
    func revokePairing(channel: ChannelName, sender: SenderID) async throws -> Bool

    /// The agents, those that come and go included.
    var directory: AgentDirectory { get }

    func status() async -> GatewayStatus
}

extension Hub {
    public var agents: [AgentDescription] { directory.descriptions }
}

/// What came of pausing, resuming or reconnecting a channel.
public struct ChannelChange: Hashable, Sendable {
    public var isDone: Bool
    /// For people, such as `paused house` or `there is no channel hose`.
    public var message: String

    public init(isDone: Bool, message: String) {
        self.isDone = isDone
        self.message = message
    }
}

public struct StoppedTurns: Hashable, Sendable {
    public var turnAborted: Bool
    public var pendingCancelled: Int
    /// The messages of the aborted turn, then those that were dropped: the first thousand of them. What a client hears
    /// names them as the client did, where it did.
    public var events: [EventID]

    public init(turnAborted: Bool, pendingCancelled: Int, events: [EventID] = []) {
        self.turnAborted = turnAborted
        self.pendingCancelled = pendingCancelled
        self.events = events
    }
}

public struct AgentDescription: Hashable, Sendable {
    public var name: AgentName
    public var summary: String?
    /// `PROVIDER/MODEL`, as resolved.
    public var model: String

    public init(name: AgentName, summary: String? = nil, model: String) {
        self.name = name
        self.summary = summary
        self.model = model
    }
}

/// How the gateway fares, for `/health`, `praisonai gateway status` and the banner.
public struct GatewayStatus: Hashable, Sendable {
    public struct Channel: Hashable, Sendable {
        public var name: ChannelName
        public var platform: Platform
        public var health: ChannelHealth
        public var lastInboundAt: Timestamp?

        public init(name: ChannelName, platform: Platform, health: ChannelHealth, lastInboundAt: Timestamp? = nil) {
            self.name = name
            self.platform = platform
            self.health = health
            self.lastInboundAt = lastInboundAt
        }
    }

    public var startedAt: Timestamp
    public var isDraining: Bool
    public var channels: [Channel]
    public var turnsRunning: Int
    public var turnsQueued: Int
    public var outboxPending: Int
    public var outboxDeadLetters: Int

    public init(
        startedAt: Timestamp, isDraining: Bool = false, channels: [Channel] = [], turnsRunning: Int = 0,
        turnsQueued: Int = 0, outboxPending: Int = 0, outboxDeadLetters: Int = 0
    ) {
        self.startedAt = startedAt
        self.isDraining = isDraining
        self.channels = channels
        self.turnsRunning = turnsRunning
        self.turnsQueued = turnsQueued
        self.outboxPending = outboxPending
        self.outboxDeadLetters = outboxDeadLetters
    }
}
