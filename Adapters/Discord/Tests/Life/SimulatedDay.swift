import PraisonCore
import PraisonSimulation
import PraisonTesting
import Synchronization

@testable import DiscordAdapter
@testable import DiscordSimulator
@testable import PraisonSimulation

/// A day of a bot in a few seconds: people say something every minute, something fails every minute, and each of their
/// words is to be answered once.
struct SimulatedDay: Sendable {
    static let minutes = 24 * 60
    private static let places: [(name: String?, thread: String?)] = [
        ("general", nil), ("random", nil), (nil, nil), ("general", "games"),
    ]

    /// What is to go wrong in a minute.
    typealias Misfortune = @Sendable (_ minute: Int, DiscordStage) throws -> Void

    /// How large everything is that might grow.
    struct Sizes: Hashable, Sendable, CustomStringConvertible {
        var heap: Int
        var tables: [String: Int]

        var description: String {
            let tables = tables.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            return "heap \(heap / 1024) KiB; \(tables)"
        }
    }

    struct Outcome: Sendable {
        /// How often each word was answered.
        var answers: [Int]
        var identifies: Int
        var health: ChannelHealth?
        /// By the hour.
        var sizes: [Int: Sizes]

        /// What is not as it should be after a day; empty where all is well.
        func problems(identifies limit: Range<Int>) -> [String] {
            var problems: [String] = []
            let unanswered = answers.indices.filter { answers[$0] == 0 }
            if !unanswered.isEmpty { problems.append("not answered: \(unanswered)") }
            let repeated = answers.indices.filter { answers[$0] > 1 }
            if !repeated.isEmpty { problems.append("answered more than once: \(repeated)") }
            if !limit.contains(identifies) { problems.append("\(identifies) identifies") }
            if health != .receiving { problems.append("in the end it is \(health.map { "\($0)" } ?? "not heard of")") }
            guard let early = sizes[2], let late = sizes[24] else { return problems + ["nothing was measured"] }
            // Not a hundred bytes a minute: whatever stays of a word, a fault, a connection or a session shows. What is
            // measured is 40 KiB and less.
            if late.heap - early.heap >= 128 << 10 { problems.append("the heap grew") }
            for (table, size) in late.tables where size > max(early.tables[table] ?? 0, 20) * 2 {
                problems.append("\(table) grew")
            }
            return problems
        }
    }

    private let stage = DiscordStage()
    private let misfortune: Misfortune
    private let tally = Observed([Int](repeating: 0, count: SimulatedDay.minutes))

    init(_ misfortune: @escaping Misfortune) { self.misfortune = misfortune }

    func live() async throws -> Outcome {
        try await stage.running { adapter in
            // The bot knows these places from before.
            for place in Self.places.indices { try say("begin", in: place) }
            await stage.recorder.wait { $0.texts.count >= Self.places.count }
            return try await withThrowingTaskGroup(of: Outcome?.self) { group in
                group.addTask {
                    await answer(through: adapter)
                    return nil
                }
                group.addTask { try await speak(to: adapter) }
                defer { group.cancelAll() }
                while let result = try await group.next() { if let outcome = result { return outcome } }
                throw CancellationError()
            }
        }
    }

    // MARK: People

    private func say(_ text: String, in place: Int) throws {
        let (name, thread) = Self.places[place]
        try stage.say(text, in: name, name == nil ? .dm : .group, thread: thread)
    }

    private func speak(to adapter: DiscordAdapter) async throws -> Outcome {
        var sizes: [Int: Sizes] = [:]
        for minute in 0..<Self.minutes {
            try misfortune(minute, stage)
            try say("word \(minute)", in: minute % Self.places.count)
            try await stage.clock.sleep(for: .seconds(60))
            if minute % 60 == 59 {
                keepHouse(olderThan: .seconds(3600))
                sizes[(minute + 1) / 60] = size(of: adapter)
            }
        }
        let identifies = stage.identifies
        // The last of it is heard in peace.
        stage.simulator.control.faults.reset()
        try await stage.clock.sleep(for: .seconds(3600))
        let health = stage.recorder.snapshot.health.last
        keepHouse(olderThan: .zero)
        return Outcome(answers: tally.value, identifies: identifies, health: health, sizes: sizes)
    }

    /// Counts what was answered, and lets everybody but the bot forget what is long past.
    private func keepHouse(olderThan age: Duration) {
        let limit = stage.clock.now - age
        let past = stage.simulator.change { world -> [(text: String, isAnswer: Bool)] in
            let past = world.messages.values.filter { (Snowflake($0.id)?.timestamp ?? limit) < limit }
            for message in past { world.remove(message: message.id) }
            return past.map { ($0.members["content"]?.string ?? "", $0.bot != nil) }
        }
        for message in past where message.isAnswer {
            guard let word = message.text.split(separator: " ").last.flatMap({ Int($0) }) else { continue }
            tally.change { $0[word] += 1 }
        }
        stage.log.forget()
        stage.line.forget()
        stage.simulator.control.calls.reset()
    }

    // MARK: The hub, in short

    /// Each event is answered once, and an answer is tried until it is there.
    private func answer(through adapter: DiscordAdapter) async {
        var answered: [EventID] = []
        while !Task.isCancelled {
            await stage.recorder.wait { !$0.events.isEmpty }
            for event in stage.recorder.take().events where !answered.contains(event.id) {
                answered.append(event.id)
                // Nothing is heard once more after an hour and a half; full before the heap is first measured.
                if answered.count > 100 { answered.removeFirst() }
                guard let message = event.message, message.kind == .message else { continue }
                await deliver(
                    OutboundMessage(
                        key: event.id.rawValue, conversation: message.conversation, text: "answer to \(message.text)",
                        format: .plain, answers: event.id), through: adapter)
            }
        }
    }

    private func deliver(_ message: OutboundMessage, through adapter: DiscordAdapter) async {
        var isInDoubt = false
        while !Task.isCancelled {
            var pause = Duration.seconds(1)
            do {
                if isInDoubt, try await adapter.receipt(of: message) != nil { return }
                isInDoubt = false
                _ = try await adapter.send(message)
                return
            } catch .rateLimited(let wait) {
                pause = wait
            } catch .ambiguous {
                isInDoubt = true
            } catch {}
            do { try await stage.clock.sleep(for: pause) } catch { return }
        }
    }

    // MARK: Sizes

    private func size(of adapter: DiscordAdapter) -> Sizes {
        var tables = adapter.intake.books.withLock { books in
            [
                "channels": books.directory.count, "roles": books.directory.roleCount,
                "places": books.known.places.count, "places meanwhile": books.meanwhile.places.count,
            ]
        }
        tables["buckets"] = adapter.api.bucketCount
        tables["commands"] = adapter.interactions.count
        tables["sleepers"] = stage.clock.sleeperCount
        tables["cancelled sleepers"] = stage.clock.cancelledCount
        tables["cursors"] = stage.cursors.all.count
        tables["bytes of cursors"] = stage.cursors.all.values.reduce(0) { $0 + $1.utf8.count }
        tables["sessions of the simulator"] = stage.simulator.change { $0.sessions.count }
        tables["faults that wait"] = stage.simulator.control.faults.waiting.count
        return Sizes(heap: HeapUse.bytes() ?? 0, tables: tables)
    }
}
