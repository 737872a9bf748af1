import DequeModule
import Logging
import PraisonCore

/// Stops 8 and 9: records how turns ended, and sends what the journal holds, each conversation in order, at the pace its
/// platform likes, until each message has arrived or is given up.
///
/// One loop, ``keepBooks()``, makes all rows and reads them back, so that none is taken in twice. Each conversation with
/// something to send has a task of its own; what does not fit into memory, or belongs to a channel that is off, stays in
/// the journal.
actor Outbox {
    private struct Move {
        var old: Conversation
        var new: Conversation.ID
    }

    /// What somebody wants to have in the journal, and who waits for that.
    private struct Order {
        var turns: [SettledTurn] = []
        var messages: [OutboundMessage] = []
        var move: Move?
        var done: CheckedContinuation<Void, any Error>
    }

    /// Turns committed together at most.
    private static let maximumBatch = 256
    private static let pageSize = 200

    let journal: any Journal
    let board: ChannelBoard
    let addresses: AddressBook
    let clock: any GatewayClock
    let entropy: any Entropy
    let logger: Logger
    let startedAt: Duration
    private let feed: EventFeed

    var lanes = Lanes<Delivery>()
    var pacers: [ChannelName: Pacer] = [:]
    private(set) var isStopping = false
    /// Messages that are neither sent nor given up, those in the journal included.
    private(set) var pendingCount = 0

    private var orders: Deque<Order> = []
    private var isOpen = true
    private var readable: Set<LaneKey> = []
    private let (bells, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    private let (scheduled, schedule) = AsyncStream.makeStream(of: LaneKey.self)
    private let stopped = StopSignal()
    /// Given when what failed on a channel may succeed now.
    private var retries: [ChannelName: StopSignal] = [:]
    private var standings: [ChannelName: ChannelBoard.Standing] = [:]

    init(
        journal: any Journal, board: ChannelBoard, addresses: AddressBook, feed: EventFeed, clock: any GatewayClock,
        entropy: any Entropy, logger: Logger
    ) {
        self.journal = journal
        self.board = board
        self.addresses = addresses
        self.feed = feed
        self.clock = clock
        startedAt = clock.uptime
        self.entropy = entropy
        self.logger = logger
    }

    // MARK: Coming in

    /// Commits how turns ended, with what they leave to be said, and queues that.
    func settle(_ turns: [SettledTurn]) async throws {
        guard !turns.isEmpty else { return }
        try await place { Order(turns: turns, done: $0) }
    }

    /// Commits messages that belong to no turn, and queues them.
    func send(_ messages: [OutboundMessage]) async throws {
        guard !messages.isEmpty else { return }
        try await place { Order(messages: messages, done: $0) }
    }

    /// Commits that a conversation is somewhere else from now on. What is settled later goes there.
    func noteMove(_ old: Conversation, to new: Conversation.ID) async throws {
        try await place { Order(move: Move(old: old, new: new), done: $0) }
    }

    private func place(_ order: (CheckedContinuation<Void, any Error>) -> Order) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            guard isOpen else {
                continuation.resume(throwing: CancellationError())
                return
            }
            orders.append(order(continuation))
            bell.yield()
        }
    }

    // MARK: Running

    /// Takes up what an earlier process left, then sends until stopped; returns when nothing in memory waits any more.
    func run() async throws {
        for (channel, count) in try await journal.unsentCounts() {
            pendingCount += count
            lanes.leaveInJournal(channel, after: 0)
        }
        bell.yield()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keepBooks() }
            group.addTask { try? await self.stopped.stopping { await self.watchChannels() } }
            for await key in scheduled { group.addTask { await self.serve(key) } }
            close()
        }
    }

    /// Lets `run()` return once what waits in memory is sent. Messages that meet an obstacle stay in the journal for
    /// next time.
    func stop() {
        isStopping = true
        schedule.finish()
        bell.finish()
        stopped.stop()
        for retry in retries.values { retry.stop() }
    }

    /// Stops at once, and takes nothing any more.
    func abandon() {
        stop()
        close()
    }

    private func close() {
        isOpen = false
        for order in orders { order.done.resume(throwing: CancellationError()) }
        orders = []
    }

    /// A channel that may speak again goes on at once, and what it waited for is tried anew.
    private func watchChannels() async {
        for await _ in board.changes() {
            for (channel, standing) in board.standings where standing != standings[channel] {
                standings[channel] = standing
                retries.removeValue(forKey: channel)?.stop()
                guard standing.state == .on else { continue }
                for key in lanes.unserved(of: channel) { schedule.yield(key) }
                bell.yield()
            }
        }
    }

    // MARK: Books

    private func keepBooks() async {
        for await _ in bells {
            while await entry() {}
        }
        close()
    }

    /// - Returns: whether there may be more to do at once.
    private func entry() async -> Bool {
        var batch: [Order] = []
        while batch.count < Self.maximumBatch, let order = orders.popFirst() { batch.append(order) }
        await commit(batch)
        guard !isStopping else { return !batch.isEmpty }
        do {
            if let key = readable.popFirst(), let start = lanes.start(ofReading: key) {
                try await read(.conversation(key.conversation), after: start)
            }
            for channel in lanes.readableChannels where board.speaker(of: channel) != nil {
                guard let start = lanes.start(ofReading: channel) else { continue }
                try await read(.channel(channel), after: start)
            }
        } catch {
            logger.error("cannot read the outbox, trying again", metadata: ["error": "\(error)"])
            try? await clock.sleep(for: .seconds(1))
            return !Task.isCancelled
        }
        let isMore = lanes.readableChannels.contains { board.speaker(of: $0) != nil }
        return !batch.isEmpty || !readable.isEmpty || isMore
    }

    private func commit(_ batch: [Order]) async {
        guard !batch.isEmpty else { return }
        do {
            for move in batch.compactMap(\.move) {
                addresses.note(move.old, movedTo: move.new)
                try await journal.moveConversation(move.old, to: move.new)
            }
            let turns = batch.flatMap(\.turns).map(addresses.current)
            if !turns.isEmpty { deliver(try await journal.settle(turns)) }
            let messages = batch.flatMap(\.messages)
            if !messages.isEmpty { deliver(try await journal.enqueue(messages)) }
            for order in batch { order.done.resume() }
        } catch {
            // Perhaps only one of them is at fault.
            if batch.count == 1 {
                for order in batch { order.done.resume(throwing: error) }
            } else {
                for order in batch { await commit([order]) }
            }
        }
    }

    private func deliver(_ rows: [OutboxRow]) {
        pendingCount += rows.count
        for row in rows {
            let delivery = Delivery(addresses.current(row))
            if lanes.admits(delivery, to: delivery.lane) { queue(delivery) }
        }
    }

    private func read(_ part: JournalPart, after start: Int64) async throws {
        lanes.beginReading()
        var isEnd = false
        defer { lanes.endReading(reachedEnd: isEnd ? part : nil) }
        let rows = try await journal.unsentRows(in: part, after: start, limit: Self.pageSize)
        isEnd = rows.isEmpty
        for row in rows {
            let delivery = Delivery(addresses.current(row))
            switch lanes.offer(delivery, to: delivery.lane, readFrom: part) {
            case .taken: queue(delivery)
            case .skipped: continue
            case .full: return
            }
        }
    }

    func queue(_ delivery: Delivery) {
        if lanes.append(delivery, to: delivery.lane) { schedule.yield(delivery.lane) }
    }

    /// Makes room where a row was done with.
    func finish(_ key: LaneKey) {
        guard let done = lanes.next(in: key) else { return }
        lanes.finish([done.id])
        pendingCount -= 1
        readOn(key)
    }

    func readOn(_ key: LaneKey) {
        if lanes.start(ofReading: key) != nil {
            readable.insert(key)
            bell.yield()
        } else if lanes.start(ofReading: key.channel) != nil {
            bell.yield()
        }
    }

    // MARK: Waiting

    /// Waits before another attempt: not while stopping, and no longer than until the channel gets through again.
    ///
    /// - Returns: whether to go on.
    func pause(_ duration: Duration, on channel: ChannelName) async -> Bool {
        guard !isStopping, !Task.isCancelled else { return false }
        let retry = retries[channel] ?? StopSignal()
        retries[channel] = retry
        try? await retry.stopping { [clock] in try await clock.sleep(for: duration) }
        return !isStopping && !Task.isCancelled
    }

    // MARK: Telling

    func tell(_ row: OutboxRow, failed reason: String) {
        guard feed.isHeard else { return }
        var fields: [String: JSONValue] = [
            "error": .string(reason), "channel": .string(row.message.conversation.channel.rawValue),
            "conversation": .string(row.message.conversation.id.rawValue),
        ]
        fields["event_id"] = row.message.answers.map { .string($0.rawValue) }
        feed.publish(
            GatewayEvent(
                type: .error, payload: .fields(fields), id: EventID("outbox/\(row.id)"), timestamp: clock.now,
                source: row.message.conversation.channel.rawValue))
    }
}

extension AddressBook {
    fileprivate func current(_ row: OutboxRow) -> OutboxRow {
        var row = row
        row.message.conversation = current(row.message.conversation)
        return row
    }

    fileprivate func current(_ turn: SettledTurn) -> SettledTurn {
        var turn = turn
        if let session = turn.session { turn.session?.conversation = current(session.conversation) }
        for index in turn.messages.indices {
            turn.messages[index].conversation = current(turn.messages[index].conversation)
        }
        return turn
    }
}
