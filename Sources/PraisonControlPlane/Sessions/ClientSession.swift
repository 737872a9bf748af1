import Logging
import PraisonCore

/// One conversation of clients with an agent: its numbered frames, its turns, and who is connected to it.
///
/// Usually that is one client. A client that comes back while its old connection still looks alive is a second one for
/// a while; both get everything.
actor ClientSession {
    /// Connections to one session at once.
    static let maximumClients = 16
    /// Frames that wait for the store before further words are put together.
    static let maximumHaste: Int64 = 8

    nonisolated let id: String
    nonisolated let agent: AgentName
    let rooms: PlaneRooms
    var record: ClientSessionRecord
    var log: SessionLog
    var isStored: Bool
    private var isRetired = false
    private(set) var isSaving = false
    private var saveWaiters: [CheckedContinuation<Void, Never>] = []

    var clients: [Client] = []
    var pending: [EventID: PendingTurn] = [:]
    /// The keys of `pending` in the order they were taken.
    var order: [EventID] = []
    /// Messages on their way into the journal; nothing is said about them before they are acknowledged.
    var admitting: [EventID: [CheckedContinuation<Void, Never>]] = [:]
    /// Turns stopped lately, whose late words are dropped.
    var stopped: [EventID] = []
    /// Wishes to stop that the hub is being asked to carry out.
    var aborts = 0
    /// What was streamed while nobody listened or faster than the store could take it, and is not said yet.
    var unsaid: Unsaid?
    var idleSince: Duration
    /// When the session's clients were asked whether they are there still.
    private var presenceAskedAt: Duration?

    /// - Parameters:
    ///   - isStored: whether the record comes from the store.
    ///   - unanswered: messages that an earlier process took and this one is to answer.
    init(_ record: ClientSessionRecord, isStored: Bool, unanswered: [GatewayEvent] = [], rooms: PlaneRooms) {
        id = record.id
        agent = record.agent
        self.rooms = rooms
        log = SessionLog(record.frames, limits: rooms.logLimits)
        self.record = record
        self.record.frames = []
        self.isStored = isStored
        idleSince = rooms.clock.uptime
        for event in unanswered {
            // Which frame acknowledged it is not known, only that it is one of those before.
            pending[event.id] = PendingTurn(client: nil, content: event.message?.text ?? "", acceptedAt: 0)
            order.append(event.id)
        }
    }

    nonisolated var conversation: Conversation {
        Conversation(channel: .gateway, id: Conversation.ID(id), scope: .dm)
    }

    /// The rule as it holds for `client`, which may be in the session already.
    func resumeRule(for client: Client) -> ResumeRule {
        ResumeRule(
            owner: record.owner, agent: agent, isConnected: clients.contains { $0 !== client && $0.reach != nil })
    }

    /// How long a client has to show that it is there, when somebody else wants its session.
    private static let presencePatience = Duration.seconds(4)

    /// Asks the session's clients whether they are there still, because `newcomer` may come in only when they are not.
    /// Those that have not answered when it tries again are closed: a lost connection may look alive for a minute.
    func doubtPresence(of newcomer: Client) {
        let now = rooms.clock.uptime
        let others = clients.filter { $0 !== newcomer }
        guard let asked = presenceAskedAt else {
            presenceAskedAt = now
            for client in others { client.sendPing() }
            return
        }
        guard now - asked >= Self.presencePatience else { return }
        presenceAskedAt = nil
        for client in others where client.silence(at: now) >= now - asked { client.close(.livenessTimeout) }
    }

    // MARK: Clients

    /// What a client is told when it comes in.
    struct Greeting: Sendable {
        /// The oldest frame kept; 0 when there is none.
        var oldest: Int64
        /// The client missed frames that are not kept any more.
        var needsResync: Bool
        /// The frame before the first that is sent: what the client has so far, though more may follow at once.
        var sequence: Int64
    }

    enum AttachRefusal: Error { case retired, tooManyClients }

    /// Connects `client`: greets it, sends what it missed, then what comes.
    ///
    /// - Parameters:
    ///   - since: the last frame it has, as far as it says.
    ///   - base: where to start instead, with everything before told by a snapshot in the greeting.
    ///   - greet: makes the frames that come first.
    func attach(
        _ client: Client, since: Int64?, base: Int64? = nil, isJoined: Bool, greet: @Sendable (Greeting) -> [String]
    ) throws(AttachRefusal) {
        if isRetired { throw .retired }
        // Before the client is one of those that are told what is said: all that it has missed would count as its backlog.
        sayUnsaid()
        if !clients.contains(where: { $0 === client }) {
            guard clients.count < Self.maximumClients else { throw .tooManyClients }
            clients.append(client)
        }
        let greeting = greeting(since: since, base: base)
        if let since, since <= log.head { noteReceived(since) }
        for frame in greet(greeting) { client.send(frame) }
        client.attach(
            Client.Line(session: self, cursor: greeting.sequence, replayThrough: log.head, isJoined: isJoined))
        touch()
    }

    func greeting(since: Int64?, base: Int64? = nil) -> Greeting {
        let (head, oldest) = (log.head, log.oldest)
        let start = min(base ?? since ?? record.received, head)
        // A number that this session has not given yet: what the client knows it by is not here.
        let isAhead = isStored && (since ?? 0) > head
        let isGap = isAhead || start < 0 || (oldest > 1 && start < oldest - 1)
        return Greeting(
            oldest: oldest, needsResync: isGap && base == nil, sequence: max(start, oldest - 1, 0))
    }

    var head: Int64 { log.head }

    /// Where a client starts that is told the finished turns by a snapshot, and the messages not answered yet.
    var unfinished: (base: Int64, messages: [String]) {
        guard let first = order.first.flatMap({ pending[$0]?.acceptedAt }) else { return (log.head, []) }
        return (max(first - 1, log.lastFinal), order.compactMap { pending[$0]?.content }.filter { !$0.isEmpty })
    }

    func detach(_ client: Client) async {
        clients.removeAll { $0 === client }
        client.detach()
        touch()
        if clients.isEmpty, isStored { try? await save(through: log.head, evenIfSaved: true) }
    }

    /// Notes that a client has everything up to `sequence`.
    func noteReceived(_ sequence: Int64) {
        record.received = min(max(record.received, sequence), log.head)
    }

    func touch() {
        record.usedAt = rooms.clock.now
        idleSince = rooms.clock.uptime
    }

    /// How long nobody has been connected and nothing has been going on; `nil` while somebody is or something does.
    var idleTime: Duration? {
        clients.isEmpty && pending.isEmpty && admitting.isEmpty ? rooms.clock.uptime - idleSince : nil
    }

    /// Whether nothing is lost when the session is forgotten.
    var isBlank: Bool { log.head == 0 && clients.isEmpty && pending.isEmpty && admitting.isEmpty && !isStored }

    /// Saves the session and takes no more clients, unless one is connected or a turn runs.
    func retire() async -> Bool {
        guard idleTime != nil else { return false }
        if isStored { try? await save(through: log.head, evenIfSaved: true) }
        guard idleTime != nil else { return false }
        isRetired = true
        return true
    }

    // MARK: Frames

    /// Up to `limit` frames after `sequence`, for a client's writer; they are in the store before they are returned.
    func frames(after sequence: Int64, limit: Int) async -> [SessionFrame] {
        let head = log.head
        if sequence >= head { return [] }
        // When the store fails, clients are not kept waiting for it; the frames are saved with the next ones.
        try? await save(through: head)
        // More may have been said meanwhile, which is not saved yet.
        let end = max(head, log.saved)
        return log.frames(after: sequence, limit: limit).filter { $0.sequence <= end }
    }

    /// Adds a frame and lets every client's writer fetch it.
    func emit(_ frame: ServerFrame, eventID: String? = nil, target: String? = nil, key: String? = nil) {
        let reaches = clients.map(\.reach)
        log.append(
            frame, eventID: eventID ?? nextEventID, at: rooms.clock.now, target: target, key: key,
            received: record.received, needed: reaches.compactMap(\.?.sent).min() ?? .max)
        for (client, reach) in zip(clients, reaches) {
            guard let reach else { continue }
            let backlog = log.backlog(after: max(reach.sent, reach.replayThrough))
            if backlog.frames >= rooms.server.maxQueuedFrames || backlog.bytes > rooms.server.maxBufferedBytes {
                client.close(.slowConsumer)
            } else {
                client.wake()
            }
        }
    }

    /// Whether anybody gets what is said now. A client that is being closed does not.
    var isHeard: Bool { clients.contains { $0.reach != nil } }

    /// Sends a frame without a number to every client, after the numbered ones so far.
    func tell(_ frame: ServerFrame) {
        for client in clients { client.send(frame.text, after: log.head) }
    }

    var nextEventID: String { "\(id):\(log.head + 1)" }

    // MARK: The store

    /// Returns once the frames up to `sequence` are in the store.
    func save(through sequence: Int64, evenIfSaved: Bool = false) async throws {
        guard let store = rooms.store else {
            isStored = true
            log.markSaved(through: log.head, droppedThrough: log.droppedThrough)
            return
        }
        var mustSave = evenIfSaved
        while mustSave || log.saved < sequence || !isStored {
            if isSaving {
                await withCheckedContinuation { saveWaiters.append($0) }
                continue
            }
            mustSave = false
            let change = ClientSessionChange(
                session: record, frames: log.unsaved, droppedThrough: log.droppedThrough)
            isSaving = true
            defer {
                isSaving = false
                for waiter in saveWaiters { waiter.resume() }
                saveWaiters = []
                if isHeard { sayUnsaid() }
            }
            do {
                try await store.save(change)
            } catch {
                rooms.logger.error("cannot save a session", metadata: ["session": "\(id)", "error": "\(error)"])
                throw error
            }
            isStored = true
            log.markSaved(
                through: change.frames.last?.sequence ?? log.saved, droppedThrough: change.droppedThrough)
        }
    }
}
