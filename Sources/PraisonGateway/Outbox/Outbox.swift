import Logging
import PraisonCore

/// Stops 8 and 9: sends what the journal holds, each conversation in order, at the pace its platform likes, until each
/// message has arrived or is given up.
actor Outbox {
    private let journal: any Journal
    private let channels: @Sendable (ChannelName) -> (any ChannelAdapter)?
    private let clock: any GatewayClock
    private let entropy: any Entropy
    private let logger: Logger
    private var lanes = Lanes<OutboxRow>()
    private var pacers: [ChannelName: Pacer] = [:]
    private let (scheduled, schedule) = AsyncStream.makeStream(of: String.self)
    private var isStopping = false

    /// - Parameter channels: the adapter of a channel; `nil` when the channel is not configured any more.
    init(
        journal: any Journal, clock: any GatewayClock, entropy: any Entropy, logger: Logger,
        channels: @escaping @Sendable (ChannelName) -> (any ChannelAdapter)?
    ) {
        self.journal = journal
        self.clock = clock
        self.entropy = entropy
        self.logger = logger
        self.channels = channels
    }

    /// The last row that ``run()`` has read of what an earlier process left; `nil` until it has, and what is made until
    /// then waits, so that it goes out after that.
    private var takenUp: OutboxRow.ID?
    private var early: [OutboxRow] = []

    /// Queues rows that are in the journal.
    func deliver(_ rows: [OutboxRow]) {
        guard let takenUp else {
            early += rows
            return
        }
        queue(rows.filter { $0.id > takenUp })
    }

    private func queue(_ rows: [OutboxRow]) {
        for row in rows where lanes.append(row, to: row.message.conversation.key) {
            schedule.yield(row.message.conversation.key)
        }
    }

    /// Commits messages that belong to no turn, and queues them.
    func send(_ messages: [OutboundMessage]) async throws {
        deliver(try await journal.enqueue(messages))
    }

    /// Takes up what an earlier process left, then sends until stopped; returns when nothing waits any more.
    func run() async throws {
        let unsent = try await journal.unsentRows()
        takenUp = unsent.last?.id ?? 0
        queue(unsent.filter { channels($0.message.conversation.channel) != nil })
        deliver(early)
        early = []
        await withDiscardingTaskGroup { group in
            for await lane in scheduled {
                group.addTask { await self.serve(lane) }
            }
        }
    }

    /// Lets `run()` return once what waits is sent. Messages that meet an obstacle stay in the journal for next time.
    func stop() {
        isStopping = true
        schedule.finish()
    }

    /// Messages that wait to be sent.
    var waitingCount: Int { lanes.waitingCount }

    private func serve(_ lane: String) async {
        while let row = lanes.next(in: lane) {
            var pending: OutboxRow? = row
            while let current = pending, !Task.isCancelled {
                pending = await attempt(current)
                if pending != nil, isStopping { return }
            }
        }
    }

    /// One attempt; returns the row when it has to be tried again, after the pause that takes.
    private func attempt(_ row: OutboxRow) async -> OutboxRow? {
        let message = row.message
        let channel = message.conversation.channel
        guard let adapter = channels(channel) else {
            await settle(row, .failed(reason: "channel \(channel) is not configured any more"))
            return nil
        }
        do {
            if row.interrupted, let next = try await reconciled(row, adapter) { return next.isEmpty ? nil : next.first }
            let capabilities = type(of: adapter).capabilities
            let wait = pacers[channel, default: Pacer(capabilities.pace)].reserve(
                message.conversation.id, at: clock.uptime)
            if wait > .zero { try await clock.sleep(for: wait) }
            try await journal.claim(row.id)
            let receipt = try await transmit(message, through: adapter)
            await settle(row, .sent(receipt))
            return nil
        } catch let error as ChannelError {
            return await recover(row, from: error)
        } catch {
            // Cancelled, or the journal is out of order: the row stays there.
            logger.debug("delivery put off", metadata: ["row": "\(row.id)", "reason": "\(error)"])
            return nil
        }
    }

    private func transmit(_ message: OutboundMessage, through adapter: any ChannelAdapter) async throws
        -> MessageReceipt
    {
        if message.replaces != nil, let editor = adapter as? any EditsMessages {
            return try await editor.edit(message)
        }
        return try await adapter.send(message)
    }

    /// Finds out what became of a row whose last attempt has no known end.
    ///
    /// - Returns: `nil` to go on sending; an empty list when the row is done; else the row to send, marked.
    private func reconciled(_ row: OutboxRow, _ adapter: any ChannelAdapter) async throws -> [OutboxRow]? {
        let isHarmless = type(of: adapter).capabilities.repeatsAreInvisible || row.message.replaces != nil
        if isHarmless { return nil }
        var next = row
        next.interrupted = false
        if let reconciler = adapter as? any ReconcilesSends {
            if let receipt = try await reconciler.receipt(of: row.message) {
                await settle(row, .sent(receipt))
                return []
            }
            return [next]
        }
        next.message.text = Self.repeatMark + row.message.text
        return [next]
    }

    /// Put before a message that may have arrived already, on platforms that can't tell.
    static let repeatMark = "(this may be a repeat) "

    private func recover(_ row: OutboxRow, from error: ChannelError) async -> OutboxRow? {
        var next = row
        next.attempts += 1
        let action = DeliveryPolicy().action(after: error, attempts: next.attempts, fraction: entropy.fraction())
        let place: Logger.Metadata = [
            "conversation": "\(row.message.conversation.key)", "row": "\(row.id)", "error": "\(error)",
        ]
        let pause: Duration
        switch action {
        case .giveUp(let reason):
            logger.error("message given up", metadata: place)
            await settle(row, .failed(reason: reason))
            return nil
        case .move(let id):
            logger.info("conversation moved", metadata: place)
            try? await journal.moveConversation(row.message.conversation, to: id)
            next.message.conversation.id = id
            return next
        case .retry(let wait): pause = wait
        case .reconcile(let wait):
            pause = wait
            next.interrupted = true
        }
        logger.warning("message not sent, trying again", metadata: place)
        // An ambiguous attempt stays claimed, so that a restart knows as well.
        if !next.interrupted { await settle(row, .postponed(reason: "\(error)")) }
        if isStopping { return next }
        do { try await clock.sleep(for: pause) } catch { return nil }
        return next
    }

    private func settle(_ row: OutboxRow, _ result: DeliveryResult) async {
        do {
            try await journal.settle(row.id, result)
        } catch {
            logger.error("cannot record a delivery", metadata: ["row": "\(row.id)", "error": "\(error)"])
        }
    }
}
