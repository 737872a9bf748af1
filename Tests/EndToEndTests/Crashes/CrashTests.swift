import Foundation
import PraisonCore
import PraisonSimulation
import Testing

@Suite struct `a gateway under kill -9` {
    private static let kills = 100

    /// The built command is killed at any instant, from before it has opened its store to well into the traffic. Whoever
    /// looks from outside sees each message answered once and in order, where it was said. A reply that was on its way
    /// at the moment of death may come again; then it is marked.
    @Test(.timeLimit(.minutes(15)))
    func `answers each message once and in order`() async throws {
        let seed = ProcessInfo.processInfo.environment["PRAISON_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...9999)
        try await Town.with { town in
            try await Workspace.with { workspace in
                let entropy = SeededEntropy(seed: seed)
                try workspace.write(town.configuration(), to: "gateway.yaml")
                var traffic = Traffic(town, entropy: entropy)
                var listening = 0
                // Grows and shrinks with what the machine has time for, so that two of three live to hear somebody.
                var longest = Duration.seconds(1)
                for _ in 1...Self.kills {
                    let hasListened = try await live(for: longest * entropy.fraction(), in: workspace, &traffic)
                    if hasListened { listening += 1 }
                    longest = longest * (hasListened ? 0.95 : 1.1)
                }
                let seen = try await finish(traffic, in: workspace)
                print(
                    """
                    PRAISON_SEED=\(seed): \(Self.kills) kills, \(listening) of them while it listened; \
                    \(traffic.count) messages, \(seen.messages.count { $0.isMarked }) answers marked as possible repeats
                    """)
                #expect(traffic.count > Self.kills, "hardly anything was said")
                #expect(seen.problems(given: traffic.said) == [], "PRAISON_SEED=\(seed)")
                #expect(traffic.problems(in: town.model.calls) == [], "PRAISON_SEED=\(seed)")
            }
        }
    }

    private func gateway(in workspace: Workspace, killedAfter doom: Duration? = nil) throws -> CommandProcess {
        try CommandProcess(
            ["gateway", "start", "--port", "0", "--store", workspace.store], in: workspace, killedAfter: doom)
    }

    private static let ready = "Press Ctrl+C to stop"

    /// One life: people write all the time, until it is killed.
    ///
    /// - Returns: whether it had begun to listen.
    private func live(
        for time: Duration, in workspace: Workspace, _ traffic: inout Traffic
    ) async throws -> Bool {
        try await gateway(in: workspace, killedAfter: time).lending { process in
            for _ in 0..<4 {
                try await traffic.say()
                // Some speak at once, some when the one before has heard something, or never will.
                if traffic.entropy.fraction() < 0.5 { try await answer(in: traffic.town, by: process) }
            }
            return try await process.finished().output.contains(Self.ready)
        }
    }

    /// Waits until people see one more message, or the process has come to its end.
    private func answer(in town: Town, by process: CommandProcess) async throws {
        let count = try await town.sent().count
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await town.sent(waitingFor: count + 1) }
            group.addTask { _ = await process.output.waitForEnd() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Waits until nothing is owed to anybody, or patience is at an end.
    private func everyAnswer(to traffic: Traffic) async throws -> SeenMessages {
        var sent = try await traffic.town.sent()
        while SeenMessages(sent: sent).answered.count < traffic.count {
            let more = try await traffic.town.sent(waitingFor: sent.count + 1)
            guard more.count > sent.count else { break }
            sent = more
        }
        return SeenMessages(sent: sent)
    }

    /// The last life answers everything, and ends in peace.
    private func finish(_ traffic: Traffic, in workspace: Workspace) async throws -> SeenMessages {
        try await gateway(in: workspace).lending { process in
            _ = try await everyAnswer(to: traffic)
            process.send(SIGTERM)
            #expect(try await process.finished().status == 0)
            return SeenMessages(sent: try await traffic.town.sent())
        }
    }
}

@Suite struct `an audit of what people saw` {
    private func problems(_ texts: [String], in chat: String = "ada") -> [String] {
        SeenMessages(texts.map { SeenMessages.Message(chat: chat, text: $0) }).problems(given: ["ada": [1, 2]])
    }

    private let one = "echo: 1"
    private let two = "echo: @sim_bot 2"

    @Test func `finds nothing wrong with one answer each, or with a marked repeat`() {
        #expect(problems([one, two]).isEmpty)
        #expect(problems([one, SeenMessages.mark + one, two]).isEmpty)
        #expect(problems([SeenMessages.mark + one, two]).isEmpty)
    }

    @Test func `finds what is missing, repeated, out of order or out of place`() {
        #expect(!problems([one]).isEmpty)
        #expect(!problems([one, one, two]).isEmpty)
        #expect(!problems([two, one]).isEmpty)
        #expect(!problems([one, two, "Sorry, something went wrong."]).isEmpty)
        #expect(!problems([one, two], in: "ben").isEmpty)
    }
}
