import Foundation
import Logging
import PraisonCore
import PraisonStore

/// What the journal carries: events accepted and turns settled a second, by how many callers there are at once.
///
/// Every call waits for the disk, alone or with others; one caller has a commit of its own for every call, so the figures
/// of many callers against it are what sharing commits brings. `memory` is the same work without a disk.
enum StoreBenchmark {
    private static let figure = Figure(subject: "store")

    static func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "praisonai-benchmark-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var alone: (append: Double, settle: Double)?
        for (callers, total) in [(1, 1_000), (50, 10_000), (500, 20_000)] {
            let file = folder.appending(path: "\(callers).sqlite").path()
            let rates = try await measure(.file(file), "\(callers) callers", callers, total)
            if let alone {
                figure("\(callers) callers  append, against a commit for each", rates.append / alone.append, "times")
                figure("\(callers) callers  settle, against a commit for each", rates.settle / alone.settle, "times")
            } else {
                alone = rates
            }
        }
        _ = try await measure(.memory, "50 callers, memory", 50, 10_000)
    }

    private static func measure(
        _ location: SQLiteJournal.Location, _ what: String, _ callers: Int, _ total: Int
    ) async throws -> (append: Double, settle: Double) {
        let journal = try SQLiteJournal(
            location, clock: SystemClock(), logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() })
        let append = try await Cost.of {
            try await spread(total, over: callers) { number in _ = try await journal.append([event(number)]) }
        }
        let entries = try await journal.unsettledEntries()
        let settle = try await Cost.of {
            try await spread(total, over: callers) { number in _ = try await journal.settle(turn(entries[number])) }
        }
        let reads = 2_000
        let history = try await Cost.of {
            try await spread(reads, over: callers) { number in
                let conversation = Conversation(channel: "house", id: Conversation.ID("\(number % 100)"), scope: .dm)
                let session = SessionKey(agent: "helper", conversation: conversation)
                _ = try await journal.history(of: session, limit: 100)
            }
        }
        try await journal.close()
        figure("\(what)  history of up to 100 messages, CPU", history.cpuSeconds / Double(reads) * 1e6, "µs/call")
        figure("\(what)  append", Double(total) / append.seconds, "calls/s")
        figure("\(what)  append, CPU", append.cpuSeconds / Double(total) * 1e6, "µs/call")
        figure("\(what)  settle with a reply and its memory", Double(total) / settle.seconds, "calls/s")
        figure("\(what)  settle, CPU", settle.cpuSeconds / Double(total) * 1e6, "µs/call")
        return (Double(total) / append.seconds, Double(total) / settle.seconds)
    }

    /// Each caller waits for its call before it makes the next.
    private static func spread(
        _ total: Int, over callers: Int, _ work: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    for number in stride(from: caller, to: total, by: callers) { try await work(number) }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func event(_ number: Int) -> GatewayEvent {
        let conversation = Conversation(channel: "house", id: Conversation.ID("\(number % 100)"), scope: .dm)
        let message = InboundMessage(
            id: MessageID("\(number)"), conversation: conversation, sender: Sender(id: "ada", displayName: "Ada"),
            text: "A message of moderate length, as people write them when they want to know something.")
        return GatewayEvent(message: message, id: EventID("house/\(number)"), timestamp: SystemClock().now)
    }

    private static func turn(_ entry: JournalEntry) -> SettledTurn {
        let conversation = Conversation(channel: "house", id: Conversation.ID("\(entry.id % 100)"), scope: .dm)
        let answer = "An answer of moderate length, as models write them when they were told to be brief. Or so."
        return SettledTurn(
            entries: [entry.id], outcome: TurnOutcome(.answered, agent: "helper", model: "offline/demo"),
            session: SessionKey(agent: "helper", conversation: conversation),
            remember: [ChatMessage(.user, entry.event.message?.text ?? ""), ChatMessage(.assistant, answer)],
            messages: [
                OutboundMessage(
                    key: "\(entry.event.id)/0", conversation: conversation, text: answer, answers: entry.event.id)
            ], at: SystemClock().now)
    }
}
