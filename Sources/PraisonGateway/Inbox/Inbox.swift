import Logging
import PraisonCore

/// Stop 3: journals events, decides about each, and lets the turns of one conversation run one at a time while others
/// overtake.
actor Inbox {
    /// Thrown to adapters and clients while the gateway stops; what was not accepted will be delivered again.
    struct Draining: Error, CustomStringConvertible {
        var description: String { "the gateway is stopping and accepts nothing new" }
    }

    /// Events that may wait in memory; more have to wait at the platform.
    static let maximumWaiting = 10_000

    private let journal: any Journal
    private let desks: [ChannelName: ChannelDesk]
    private let runner: TurnRunner
    private let board: ChannelBoard
    private let clock: any GatewayClock
    private let logger: Logger

    private var lanes = Lanes<Work>()
    private var running: [String: StopSignal] = [:]
    private var slots: Slots
    private var roomWaiters: [CheckedContinuation<Void, Never>] = []
    /// Whether what an earlier process left is queued; nothing new may overtake it.
    private var hasTakenUp = false
    private(set) var isStopping = false
    private let (scheduled, schedule) = AsyncStream.makeStream(of: String.self)

    init(
        journal: any Journal, desks: [ChannelName: ChannelDesk], runner: TurnRunner, board: ChannelBoard,
        maximumTurns: Int, clock: any GatewayClock, logger: Logger
    ) {
        self.journal = journal
        self.desks = desks
        self.runner = runner
        self.board = board
        self.clock = clock
        self.logger = logger
        slots = Slots(maximumTurns)
    }

    /// Returns once the events are in the journal; those that were there already are not taken twice.
    ///
    /// - Returns: those that were new.
    func accept(_ events: [GatewayEvent]) async throws -> Set<EventID> {
        if isStopping { throw Draining() }
        while !hasTakenUp || lanes.waitingCount >= Self.maximumWaiting, !isStopping {
            await withCheckedContinuation { roomWaiters.append($0) }
        }
        let entries = try await journal.append(events)
        for entry in entries { await triage(entry) }
        return Set(entries.map(\.event.id))
    }

    /// Takes up what an earlier process left, then serves until stopped; returns when the running turns are done.
    func run() async throws {
        do {
            for entry in try await journal.unsettledEntries() { await triage(entry) }
        } catch {
            stop()
            throw error
        }
        hasTakenUp = true
        makeRoom()
        await withDiscardingTaskGroup { group in
            for await lane in scheduled {
                group.addTask { await self.serve(lane) }
            }
        }
    }

    /// No new turn starts; what waits stays in the journal.
    func stop() {
        isStopping = true
        schedule.finish()
        for waiter in roomWaiters { waiter.resume() }
        roomWaiters = []
    }

    func isBusy(_ conversation: Conversation) -> Bool {
        running[conversation.key] != nil || !lanes.waiting(in: conversation.key).isEmpty
    }

    /// Stops the conversation's running turn, and drops what waits behind it when asked to.
    func stopTurn(in conversation: Conversation, includingQueued: Bool) async -> StoppedTurns {
        let signal = running[conversation.key]
        signal?.stop()
        var dropped: [Work] = []
        if includingQueued { dropped = lanes.take(from: conversation.key) { $0.assignment != nil } }
        await runner.drop(dropped, outcome: TurnOutcome(.stopped, reason: "dropped before its turn"))
        return StoppedTurns(turnAborted: signal != nil, pendingCancelled: dropped.count)
    }

    var turnsRunning: Int { slots.taken }
    var turnsQueued: Int { lanes.waitingCount }

    // MARK: Deciding

    private func triage(_ entry: JournalEntry) async {
        guard let message = entry.event.message, let desk = desks[message.conversation.channel] else {
            await runner.drop(entry, outcome: TurnOutcome(.ignored, reason: "nobody here takes such events"))
            return
        }
        board.heard(message.conversation.channel, at: clock.now)
        let isPaired = await runner.isPaired(message.sender.id, on: desk.settings)
        let work = desk.work(for: entry, message: message, isPaired: isPaired)
        switch work.action {
        case .command(.stop, _): await carryOutStop(work)
        case .answer where desk.settings.busy == .interrupt:
            running[message.conversation.key]?.stop()
            queue(work, in: message.conversation.key)
        default: queue(work, in: message.conversation.key)
        }
    }

    /// A stop overtakes what it stops.
    private func carryOutStop(_ work: Work) async {
        let stopped = await stopTurn(in: work.message.conversation, includingQueued: true)
        var work = work
        let text = stopped.turnAborted ? "Stopped." : "Nothing is running."
        work.action = .say(text, TurnOutcome(.command, reason: "stop"))
        queue(work, in: work.message.conversation.key + "!")
    }

    private func queue(_ work: Work, in lane: String) {
        if lanes.append(work, to: lane) { schedule.yield(lane) }
    }

    // MARK: Serving

    private func serve(_ lane: String) async {
        while !isStopping, !Task.isCancelled, let first = lanes.next(in: lane) {
            let batch = await batch(startingWith: first, lane)
            makeRoom()
            if first.assignment == nil {
                await runner.run(batch, stop: StopSignal())
            } else {
                if !slots.takeIfFree() { await slot() }
                let signal = StopSignal()
                running[lane] = signal
                if !isStopping { await runner.run(batch, stop: signal) }
                running[lane] = nil
                slots.giveBack()
            }
        }
        if isStopping { lanes.leave(lane) }
    }

    /// What is answered together with `first`: the other parts of its album, or all that waits when the channel merges.
    private func batch(startingWith first: Work, _ lane: String) async -> [Work] {
        var batch = [first]
        if let album = first.message.album {
            while true {
                let count = lanes.waiting(in: lane).count
                do { try await clock.sleep(for: Album.settlingTime) } catch { break }
                if lanes.waiting(in: lane).count == count { break }
            }
            batch += lanes.take(from: lane) { $0.message.album == album }
        }
        if let assignment = first.assignment, desks[first.message.conversation.channel]?.settings.busy == .merge {
            batch += lanes.take(from: lane) {
                $0.assignment?.session == assignment.session && $0.message.album == nil
            }
        }
        return batch
    }

    private func makeRoom() {
        guard lanes.waitingCount < Self.maximumWaiting else { return }
        for waiter in roomWaiters { waiter.resume() }
        roomWaiters = []
    }

    private func slot() async {
        await withCheckedContinuation { slots.wait($0) }
    }
}
