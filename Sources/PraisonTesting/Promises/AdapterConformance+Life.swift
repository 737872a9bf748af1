import PraisonCore
import PraisonSimulation
import Testing

extension AdapterConformance {
    func tellsHowItFares(_ stage: Stage) async throws {
        try await stage.running { _ in
            try await stage.until { $0.health.contains(.receiving) }
            #expect(stage.recorder.snapshot.health.first == .starting)
        }
        try await stage.remote.fault("status", ["code": 500, "times": 2])
        try await stage.running { _ in
            try await stage.until { $0.health.contains { $0.word == "degraded" } }
            let troubles = stage.recorder.snapshot.health.count
            try await stage.until { $0.health.dropFirst(troubles).contains(.receiving) }
        }
    }

    func resumes(_ stage: Stage) async throws {
        try await stage.running { _ in
            _ = try await stage.remote.say("first")
            try await stage.until { $0.texts.contains("first") }
        }
        _ = try await stage.remote.say("while away")
        try await stage.running { _ in
            _ = try await stage.remote.say("last")
            let heard = try await stage.until { $0.texts.contains("last") }
            #expect(heard.distinct.texts == ["first", "while away", "last"])
        }
    }

    /// A channel that is paused keeps its adapter.
    func runsAgain(_ stage: Stage) async throws {
        let adapter = try stage.adapter()
        for round in 1...3 {
            try await stage.running(adapter) { adapter in
                let said = try await stage.remote.say("round \(round)")
                try await stage.until { $0.texts.contains("round \(round)") }
                _ = try await adapter.send(stage.message("heard \(round)", to: said, key: "\(round)"))
            }
        }
        #expect(stage.recorder.snapshot.distinct.texts == ["round 1", "round 2", "round 3"])
        #expect(try await stage.remote.sent.count == 3)
    }

    func stopsPromptly(_ stage: Stage) async throws {
        // While it waits for something to happen.
        try await stops(stage) {
            _ = try await stage.remote.say("hello")
            try await stage.until { $0.texts.contains("hello") }
        }
        // While it waits after a failure.
        try await stage.remote.fault("status", ["code": 500, "times": 1000])
        try await stops(stage) { await stage.recorder.wait { $0.health.contains { $0.word == "degraded" } } }
        // While nobody answers.
        try await stage.remote.reset()
        try await stage.remote.fault("hang", ["times": 1000])
        try await stops(stage) { await stage.transfers.waitForOne() }
    }

    /// Runs the adapter, and cancels it once `moment` has come.
    private func stops(_ stage: Stage, _ moment: @escaping @Sendable () async throws -> Void) async throws {
        let cancelled = try await stage.running { _ in
            try await moment()
            return stage.clock.uptime
        }
        // Virtual time stands still meanwhile: whoever waited for it would never stop. Over real connections it is the
        // machine that takes its time when it has much else to do.
        let limit: Duration = stage.virtualClock == nil ? .seconds(60) : .zero
        #expect(stage.clock.uptime - cancelled <= limit)
        #expect(stage.transfers.count == 0, "a connection is still open")
    }

    func keepsSecrets(_ stage: Stage) async throws {
        let secrets = stage.secrets
        #expect(!secrets.isEmpty)
        var texts: [String] = []
        // A platform, or a proxy before it, may quote what it was sent.
        let quote = JSONValue.string("you sent \(secrets.joined(separator: " and "))")
        for fault: (kind: String, more: [String: JSONValue]) in [
            ("status", ["code": 400, "description": quote]), ("status", ["code": 500, "description": quote]),
            ("status", ["code": 502, "body": quote]), ("status", ["code": 403, "description": quote]),
            ("rate_limit", ["retry_after": 1]), ("reset", ["when": "before"]), ("reset", ["when": "after"]),
            ("conflict", [:]),
        ] {
            try await stage.remote.reset()
            try await stage.remote.fault(fault.kind, fault.more)
            texts += try await troubles(stage, fault.kind, fault.more)
        }
        try await stage.remote.reset()
        try await stage.remote.fault("unauthorized", ["times": 0])
        do { try await stage.adapter().run() } catch { texts.append("\(error) \(String(reflecting: error))") }
        texts += stage.log.lines
        texts += stage.recorder.snapshot.health.map(\.summary)
        texts += [String(reflecting: stage.settings), String(reflecting: try stage.adapter())]
        for secret in secrets {
            let leaks = texts.filter { $0.contains(secret) }
            #expect(leaks.isEmpty, "a secret is told")
        }
    }

    /// Runs the adapter through a fault, and speaks through the same one.
    private func troubles(
        _ stage: Stage, _ kind: String, _ more: [String: JSONValue]
    ) async throws -> [String] {
        try await stage.running { adapter in
            let said = try await stage.remote.say("hello \(kind)")
            try await stage.until { $0.texts.contains("hello \(kind)") }
            try await stage.remote.fault(kind, more.merging(["match": "through trouble"]) { $1 })
            do {
                _ = try await adapter.send(stage.message("through trouble", to: said))
                return []
            } catch {
                return ["\(error) \(String(reflecting: error))"]
            }
        }
    }
}
