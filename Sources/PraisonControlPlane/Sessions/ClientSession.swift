import Logging
import PraisonCore

/// One conversation of clients with an agent: its numbered frames, its turns, and who is connected to it.
///
/// Usually that is one client. A client that comes back while its old connection still looks alive is a second one for
/// a while; both get everything.
actor ClientSession {
    /// Connections to one session at once.
    static let maximumClients = 16

    nonisolated let id: String
    nonisolated let agent: AgentName
    private let rooms: PlaneRooms
    private var record: ClientSessionRecord
    private var log: SessionLog
    private var isStored: Bool
    private var isRetired = false
    private var isSaving = false
    private var saveWaiters: [CheckedContinuation<Void, Never>] = []

    private var clients: [Client] = []
    private var pending: [EventID: PendingTurn] = [:]
    /// The keys of `pending` in the order they were taken.
    private var order: [EventID] = []
    /// Messages on their way into the journal; nothing is said about them before they are acknowledged.
    private var admitting: [EventID: [CheckedContinuation<Void, Never>]] = [:]
    /// Turns stopped lately, whose late words are dropped.
    private var stopped: [EventID] = []
    /// Wishes to stop that the hub is being asked to carry out.
    private var aborts = 0
    /// The last final frame.
    private var lastFinal: Int64 = 0
    private var idleSince: Duration

    /// - Parameter isStored: whether the record comes from the store.
    init(_ record: ClientSessionRecord, isStored: Bool, rooms: PlaneRooms) {
        id = record.id
        agent = record.agent
        self.rooms = rooms
        log = SessionLog(record.frames, limits: rooms.logLimits)
        self.record = record
        self.record.frames = []
        self.isStored = isStored
        idleSince = rooms.clock.uptime
    }

    nonisolated var conversation: Conversation {
        Conversation(channel: .gateway, id: Conversation.ID(id), scope: .dm)
    }

    /// The rule as it holds for `client`, which may be in the session already.
    func resumeRule(for client: Client) -> ResumeRule {
        ResumeRule(owner: record.owner, agent: agent, isConnected: clients.contains { $0 !== client })
    }

    // MARK: Clients

    /// What a client is told when it comes in.
    struct Greeting: Sendable {
        var cursor: Int64
        /// The oldest frame kept; 0 when there is none.
        var oldest: Int64
        /// The client missed frames that are not kept any more.
        var needsResync: Bool
        /// The frame before the first that is sent.
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
        if !clients.contains(where: { $0 === client }) {
            guard clients.count < Self.maximumClients else { throw .tooManyClients }
            clients.append(client)
        }
        let greeting = greeting(since: since, base: base)
        if let since { noteReceived(since) }
        for frame in greet(greeting) { client.send(frame) }
        client.attach(
            Client.Line(session: self, cursor: greeting.sequence, replayThrough: log.head, isJoined: isJoined))
        touch()
    }

    func greeting(since: Int64?, base: Int64? = nil) -> Greeting {
        let (head, oldest) = (log.head, log.oldest)
        let start = min(base ?? since ?? record.received, head)
        let isGap = start < 0 || (oldest > 1 && start < oldest - 1)
        return Greeting(
            cursor: head, oldest: oldest, needsResync: isGap && base == nil, sequence: max(start, oldest - 1, 0))
    }

    var head: Int64 { log.head }

    /// Where a client starts that is told the finished turns by a snapshot, and the messages not answered yet.
    var unfinished: (base: Int64, messages: [String]) {
        guard let first = order.first.flatMap({ pending[$0]?.acceptedAt }) else { return (log.head, []) }
        return (max(first - 1, lastFinal), order.compactMap { pending[$0]?.content }.filter { !$0.isEmpty })
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

    private func touch() {
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
        if sequence >= log.head { return [] }
        // When the store fails, clients are not kept waiting for it; the frames are saved with the next ones.
        try? await save(through: log.head)
        return log.frames(after: sequence, limit: limit)
    }

    /// Adds a frame and lets every client's writer fetch it.
    func emit(_ frame: ServerFrame, eventID: String? = nil, target: String? = nil, key: String? = nil) {
        let reaches = clients.map(\.reach)
        log.append(
            frame, eventID: eventID ?? nextEventID, at: rooms.clock.now, target: target, key: key,
            needed: reaches.compactMap(\.?.sent).min() ?? .max)
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

    /// Sends a frame without a number to every client, after the numbered ones so far.
    private func tell(_ frame: ServerFrame) {
        for client in clients { client.send(frame.text, after: log.head) }
    }

    private var nextEventID: String { "\(id):\(log.head + 1)" }

    // MARK: Turns

    /// Takes a client's message: journals it, then acknowledges it.
    func take(_ message: ClientFrame.Message, from client: Client) async {
        let requestID = message.requestID
        let event = MessageName(session: id, requestID: requestID).eventID(rooms.entropy)
        if pending[event] != nil {
            emit(.duplicate(session: id, requestID: requestID), target: client.id)
            return
        }
        guard pending.count < rooms.session.maxInbox else {
            let words = "\(pending.count) messages of this session wait for their turn already (max_inbox)."
            emit(
                .final(words, outcome: Outcome.rejected(words), session: id, requestID: requestID), target: client.id)
            return
        }
        begin(event, client: client.id, message.content)
        admitting[event] = []
        let isBusy: Bool
        do {
            if !isStored { try await save(through: log.head, evenIfSaved: true) }
            isBusy = order.first == event ? false : await rooms.hub.isBusy(conversation)
            let isNew = try await rooms.hub.accept([self.event(message, event, client)]).contains(event)
            guard isNew else {
                if pending[event]?.hasStreamed != true { end(event) }
                emit(.duplicate(session: id, requestID: requestID), target: client.id)
                admit(event)
                return
            }
        } catch {
            end(event)
            admit(event)
            refuse(requestID, error, client)
            return
        }
        if isBusy {
            client.send(
                ServerFrame.status(
                    source: agent.rawValue,
                    message: "I am still busy with your last message; this one waits and comes next."
                ).text, after: log.head)
        }
        emit(.accepted(isQueued: isBusy, session: id, requestID: requestID), target: client.id)
        pending[event]?.acceptedAt = log.head
        touch()
        admit(event)
    }

    private func refuse(_ requestID: String?, _ error: any Error, _ client: Client) {
        rooms.logger.warning("message not taken", metadata: ["session": "\(id)", "error": "\(error)"])
        var frame = ServerFrame.error("This message was not taken, please send it again: \(error)", code: "unavailable")
        if let requestID { frame = frame.adding("request_id", .string(requestID)) }
        client.send(frame.adding("retry_after_seconds", 5).text, after: log.head)
    }

    private func event(_ message: ClientFrame.Message, _ id: EventID, _ client: Client) -> GatewayEvent {
        GatewayEvent(
            message: InboundMessage(
                id: MessageID(id.rawValue), conversation: conversation,
                sender: Sender(id: SenderID("client:\(client.id)")), text: message.content),
            id: id, timestamp: rooms.clock.now, target: agent.rawValue)
    }

    private func begin(_ event: EventID, client: String?, _ content: String) {
        pending[event] = PendingTurn(client: client, content: content)
        order.append(event)
    }

    private func end(_ event: EventID) {
        pending[event] = nil
        order.removeAll { $0 == event }
    }

    private func admit(_ event: EventID) {
        for waiter in admitting.removeValue(forKey: event) ?? [] { waiter.resume() }
    }

    private func admission(of event: EventID) async {
        while admitting[event] != nil {
            await withCheckedContinuation { admitting[event]?.append($0) }
        }
    }

    /// A part of the reply to `event`.
    func stream(_ part: ReplyPart, answering event: EventID, by agent: AgentName) async {
        await admission(of: event)
        if stopped.contains(event) { return }
        if pending[event] == nil { begin(event, client: nil, "") }
        pending[event]?.hasStreamed = true
        let target = pending[event]?.client
        let name = nextEventID
        emit(
            .stream(part, session: id, agent: agent, target: target, eventID: name, at: rooms.clock.now),
            eventID: name, target: target)
        touch()
        // With nobody connected, nobody fetches the frames; then the turn itself waits for them to be saved.
        if log.head - log.saved > 256 { try? await save(through: log.head) }
    }

    /// A whole reply, or another message for the session's clients.
    ///
    /// - Returns: once the frame is in the store.
    func deliver(_ message: OutboundMessage) async throws -> MessageReceipt {
        if let event = message.answers { await admission(of: event) }
        if isSaidAlready(message) { return MessageReceipt(id: MessageID("\(id)/aborted"), timestamp: rooms.clock.now) }
        if !log.contains(key: message.key) {
            let turn = message.answers.flatMap { pending[$0] }
            if let event = message.answers { end(event) }
            if turn?.hasStreamed == true { endStream(turn?.client, failure: message.outcome) }
            emit(
                .final(
                    message.text, outcome: Outcome.json(message.outcome), session: id,
                    requestID: message.answers.flatMap { MessageName.requestID(of: $0, in: id) }),
                target: turn?.client, key: message.key)
            lastFinal = log.head
            touch()
        }
        let sequence = log.head
        try await save(through: sequence)
        return MessageReceipt(id: MessageID("\(id)/\(sequence)"), timestamp: rooms.clock.now)
    }

    /// Whether the message only says what `aborted` says: that a turn was stopped.
    private func isSaidAlready(_ message: OutboundMessage) -> Bool {
        guard let event = message.answers, message.outcome?.status == .stopped, message.text.isEmpty else {
            return false
        }
        return aborts > 0 || stopped.contains(event)
    }

    private func endStream(_ target: String?, failure outcome: TurnOutcome? = nil) {
        let source = agent.rawValue
        if outcome?.status == .failed {
            let name = nextEventID
            emit(
                .streamError(
                    "the turn failed", session: id, agent: source, target: target, eventID: name, at: rooms.clock.now),
                eventID: name, target: target)
        }
        let name = nextEventID
        emit(
            .streamEnd(session: id, agent: source, target: target, eventID: name, at: rooms.clock.now),
            eventID: name, target: target)
    }

    /// Stops the turn that runs, and what waits behind it when the scope says so.
    func abort(_ scope: ClientFrame.AbortScope, by client: Client) async {
        let running = order.first
        aborts += 1
        defer { aborts -= 1 }
        let result = await rooms.hub.stop(conversation, includingQueued: scope == .session)
        var gone: [EventID] = []
        if result.turnAborted, let running, pending[running] != nil { gone.append(running) }
        // What waited leaves from the end: new messages may have come in while we asked.
        if result.pendingCancelled > 0 {
            gone += order.filter { $0 != running && admitting[$0] == nil }.prefix(result.pendingCancelled)
        }
        for event in gone {
            if pending[event]?.hasStreamed == true { endStream(pending[event]?.client) }
            end(event)
            stopped.append(event)
        }
        if stopped.count > 64 { stopped.removeFirst(stopped.count - 64) }
        let frame = ServerFrame.aborted(result, scope: scope, session: id)
        if clients.contains(where: { $0 === client }) { tell(frame) } else { client.send(frame.text) }
        touch()
    }

    /// Turns that ended without a word to their client do not keep the session in memory.
    func forgetLostTurns() async {
        let suspects = order
        guard !suspects.isEmpty, admitting.isEmpty, await !rooms.hub.isBusy(conversation) else { return }
        for event in suspects where admitting[event] == nil { end(event) }
    }

    // MARK: The store

    /// Returns once the frames up to `sequence` are in the store.
    private func save(through sequence: Int64, evenIfSaved: Bool = false) async throws {
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
