import DequeModule
import Logging
import PraisonCore

/// Stop 3: journals events, decides about each, and lets the turns of one conversation run one at a time while others
/// overtake.
///
/// One loop, ``takeIn()``, commits what comes in and reads back what did not fit into memory, so that order is the
/// journal's and nothing is taken in twice. Each conversation with something to do has a task of its own.
actor Inbox {
    /// Thrown to adapters and clients while the gateway stops; what was not accepted will be delivered again.
    struct Draining: Error, CustomStringConvertible {
        var description: String { "the gateway is stopping and accepts nothing new" }
    }

    private struct Delivery {
        var events: [GatewayEvent]
        /// Gets those of the events that were new.
        var done: CheckedContinuation<Set<EventID>, any Error>
    }

    /// Events committed together at most, unless they come together.
    private static let maximumBatch = 512
    static let pageSize = 200
    /// Commands that overtake may wait so many per conversation; more of them queue like everything else.
    static let maximumExpress = 8

    let journal: any Journal
    let desks: [ChannelName: ChannelDesk]
    let runner: TurnRunner
    let board: ChannelBoard
    let feed: EventFeed
    let clock: any GatewayClock
    let logger: Logger

    var lanes = Lanes<Work>()
    var running: [LaneKey: RunningTurn] = [:]
    var slots: Slots
    /// Messages that may have brought the process down run one at a time.
    var suspects: Slots
    let closing = StopSignal()
    /// On the clock's uptime, when this inbox began to serve.
    private(set) var start = Duration.zero
    /// Events without an outcome, those in the journal included.
    private(set) var pendingCount = 0

    private var deliveries: Deque<Delivery> = []
    var clearances: Deque<Clearance> = []
    private var readable: Set<LaneKey> = []
    private(set) var lastID: JournalEntry.ID = 0
    let (bells, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    private let (scheduled, schedule) = AsyncStream.makeStream(of: LaneKey.self)

    init(
        journal: any Journal, desks: [ChannelName: ChannelDesk], runner: TurnRunner, board: ChannelBoard,
        feed: EventFeed, maximumTurns: Int, clock: any GatewayClock, logger: Logger
    ) {
        self.journal = journal
        self.desks = desks
        self.runner = runner
        self.board = board
        self.feed = feed
        self.clock = clock
        self.logger = logger
        slots = Slots(maximumTurns, agents: Set(runner.directory.descriptions.map(\.name)))
        suspects = Slots(1, agents: [])
    }

    // MARK: Coming in

    /// Returns once the events are in the journal; those that were there already are not taken twice.
    ///
    /// - Returns: those that were new.
    func accept(_ events: [GatewayEvent]) async throws -> Set<EventID> {
        guard !events.isEmpty else { return [] }
        return try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Set<EventID>, any Error>) in
            guard !isStopping else { return continuation.resume(throwing: Draining()) }
            deliveries.append(Delivery(events: events, done: continuation))
            bell.yield()
        }
    }

    // MARK: Running

    /// Takes up what an earlier process left, then serves until stopped; returns when the running turns are done.
    func run() async throws {
        start = clock.uptime
        // What an earlier process left can be stopped as well.
        lastID = max(lastID, try await journal.lastEntry())
        for (channel, count) in try await journal.unsettledCounts() {
            pendingCount += count
            lanes.leaveInJournal(channel, after: 0)
        }
        bell.yield()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.takeIn() }
            for await key in scheduled { group.addTask { await self.serve(key) } }
            stop()
        }
    }

    /// No new turn starts; what waits stays in the journal.
    func stop() {
        closing.stop()
        schedule.finish()
        bell.finish()
        slots.close()
        suspects.close()
        for delivery in deliveries { delivery.done.resume(throwing: Draining()) }
        deliveries = []
        for clearance in clearances { clearance.done.resume(returning: clearance.stopped) }
        clearances = []
    }

    var isStopping: Bool { closing.isStopped }
    var turnsRunning: Int { slots.taken }
    var turnsQueued: Int { max(pendingCount - slots.taken, 0) }

    func isBusy(_ conversation: Conversation) -> Bool {
        let key = key(of: conversation)
        return running[key] != nil || lanes.hasWaiting(key) || lanes.isBeyond(key)
    }

    func key(of conversation: Conversation) -> LaneKey {
        LaneKey(conversation: runner.addresses.current(conversation))
    }

    // MARK: The one loop

    private func takeIn() async {
        for await _ in bells {
            while await step() {}
        }
        stop()
    }

    /// - Returns: whether there may be more to do at once.
    private func step() async -> Bool {
        var batch: [Delivery] = []
        var count = 0
        while count < Self.maximumBatch, let delivery = deliveries.popFirst() {
            batch.append(delivery)
            count += delivery.events.count
        }
        await commit(batch)
        guard !isStopping else { return false }
        do {
            // Before anything is read: what is to be dropped must not come into memory.
            if let clearance = clearances.popFirst() {
                try await clear(clearance)
                return true
            }
            if let key = readable.popFirst(), let start = lanes.start(ofReading: key) {
                try await read(.conversation(key.conversation), after: start)
            }
            for channel in lanes.readableChannels {
                guard let start = lanes.start(ofReading: channel) else { continue }
                try await read(.channel(channel), after: start)
            }
        } catch {
            logger.error("cannot read the inbox, trying again", metadata: ["error": "\(error)"])
            try? await clock.sleep(for: .seconds(1))
            return !Task.isCancelled
        }
        return !deliveries.isEmpty || !readable.isEmpty || !lanes.readableChannels.isEmpty
    }

    private func commit(_ batch: [Delivery]) async {
        guard !batch.isEmpty else { return }
        do {
            let entries = try await journal.append(batch.flatMap(\.events))
            pendingCount += entries.count
            if feed.isHeard { for entry in entries { feed.publish(entry.event) } }
            await triage(entries)
            var new = Set(entries.map(\.event.id))
            for delivery in batch {
                let own = new.intersection(delivery.events.map(\.id))
                new.subtract(own)
                delivery.done.resume(returning: own)
            }
        } catch {
            // Perhaps only one of them is at fault.
            if batch.count == 1 {
                for delivery in batch { delivery.done.resume(throwing: error) }
            } else {
                for delivery in batch { await commit([delivery]) }
            }
        }
    }

    private func read(_ part: JournalPart, after start: JournalEntry.ID) async throws {
        lanes.beginReading()
        var isEnd = false
        defer { lanes.endReading(reachedEnd: isEnd ? part : nil) }
        let entries = try await journal.unsettledEntries(in: part, after: start, limit: Self.pageSize)
        isEnd = entries.isEmpty
        var ended: [Ending] = []
        for entry in entries {
            let work = await decide(entry)
            switch lanes.offer(work, to: work.lane, readFrom: part) {
            case .taken: place(work, &ended)
            case .skipped: continue
            case .full:
                await end(ended)
                return
            }
        }
        await end(ended)
    }

    private func triage(_ entries: [JournalEntry]) async {
        var ended: [Ending] = []
        for entry in entries {
            lastID = max(lastID, entry.id)
            let work = await decide(entry)
            if let channel = entry.event.message?.conversation.channel { board.heard(channel, at: clock.now) }
            await meet(work)
            if work.overtakes, overtake(work) { continue }
            if lanes.admits(work, to: work.lane) { place(work, &ended) }
        }
        await end(ended)
    }

    // MARK: Room

    /// Work that ends without a turn.
    struct Ending {
        var works: [Work]
        var outcome: TurnOutcome

        init(_ work: Work, _ outcome: TurnOutcome) { (works, self.outcome) = ([work], outcome) }
        init(_ works: [Work], _ outcome: TurnOutcome) { (self.works, self.outcome) = (works, outcome) }
    }

    func end(_ endings: [Ending]) async {
        guard !endings.isEmpty else { return }
        await runner.settle(endings.map { runner.turn(ending: $0.works, $0.outcome) })
        finish(endings.flatMap(\.works))
    }

    func finish(_ works: [Work]) {
        for work in works {
            lanes.finish(work.entries)
            pendingCount -= work.entries.count
        }
    }

    func queue(_ work: Work, in key: LaneKey) {
        if lanes.append(work, to: key) { schedule.yield(key) }
    }

    func readOn(_ key: LaneKey) {
        if lanes.start(ofReading: key) != nil {
            readable.insert(key)
            bell.yield()
        } else if lanes.start(ofReading: key.channel) != nil {
            bell.yield()
        }
    }
}
