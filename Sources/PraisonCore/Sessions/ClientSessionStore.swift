/// What the control plane keeps of its clients' sessions, so that a client that comes back gets what it missed, also
/// from a gateway that was started anew.
public protocol ClientSessionStore: Sendable {
    /// The session with the frames kept of it; `nil` when there is none.
    func session(_ id: String) async throws -> ClientSessionRecord?

    /// Carries out one change as one transaction, and returns once it is durable. Calls at the same time share a commit.
    func save(_ change: ClientSessionChange) async throws

    /// Forgets sessions that were last used before `time`, with their frames.
    ///
    /// - Returns: how many.
    @discardableResult
    func forgetSessions(unusedSince time: Timestamp) async throws -> Int
}

/// One client's session, as it is kept.
public struct ClientSessionRecord: Hashable, Sendable {
    public var id: String
    public var agent: AgentName
    /// Who may take it up again: a fingerprint of a token or of a resume key, never the thing itself.
    public var owner: String
    public var createdAt: Timestamp
    public var usedAt: Timestamp
    /// The last frame the client is known to have received.
    public var received: Int64
    /// Without gaps, oldest first.
    public var frames: [SessionFrame]

    public init(
        id: String, agent: AgentName, owner: String, createdAt: Timestamp, usedAt: Timestamp, received: Int64 = 0,
        frames: [SessionFrame] = []
    ) {
        self.id = id
        self.agent = agent
        self.owner = owner
        self.createdAt = createdAt
        self.usedAt = usedAt
        self.received = received
        self.frames = frames
    }
}

/// One numbered frame that went, or will go, to a session's client.
public struct SessionFrame: Hashable, Sendable {
    /// From 1, without gaps, per session.
    public var sequence: Int64
    /// The frame's `type`.
    public var type: String
    /// The frame as it is sent: one JSON object.
    public var text: String
    public var eventID: String
    public var timestamp: Timestamp
    /// The client it was first meant for.
    public var target: String?
    /// Set on frames that must not be made twice: ``OutboundMessage/key``.
    public var key: String?

    public init(
        sequence: Int64, type: String, text: String, eventID: String, timestamp: Timestamp, target: String? = nil,
        key: String? = nil
    ) {
        self.sequence = sequence
        self.type = type
        self.text = text
        self.eventID = eventID
        self.timestamp = timestamp
        self.target = target
        self.key = key
    }
}

/// What changed in a session since it was last saved.
public struct ClientSessionChange: Hashable, Sendable {
    /// The session, without frames; a new one is added.
    public var session: ClientSessionRecord
    /// Frames to add.
    public var frames: [SessionFrame]
    /// Frames up to this one are dropped.
    public var droppedThrough: Int64

    public init(session: ClientSessionRecord, frames: [SessionFrame], droppedThrough: Int64 = 0) {
        self.session = session
        self.frames = frames
        self.droppedThrough = droppedThrough
    }
}
