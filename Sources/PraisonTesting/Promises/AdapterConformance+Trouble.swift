import PraisonCore
import PraisonSimulation
import Testing

extension AdapterConformance {
    func waitsAsTold(_ stage: Stage) async throws {
        try await stage.running { adapter in
            let said = try await stage.remote.say("hello")
            try await stage.remote.fault("rate_limit", ["retry_after": 7, "match": "too much"])
            let message = stage.message("too much", to: said)
            let error = await #expect(throws: ChannelError.self) { try await adapter.send(message) }
            #expect(error == .rateLimited(retryAfter: .seconds(7)))
            #expect(try await stage.remote.sent.isEmpty)
            _ = try await adapter.send(message)
            #expect(try await stage.remote.sent.count == 1)
        }
    }

    func sortsRefusals(_ stage: Stage) async throws {
        try await stage.running { adapter in
            let said = try await stage.remote.say("hello")
            for code in [400, 401, 403, 500, 502, 503] {
                let words = "a message that is answered \(code)"
                if code == 401 {
                    try await stage.remote.fault("unauthorized", ["match": .string(words)])
                } else {
                    try await stage.remote.fault("status", ["code": JSONValue(code), "match": .string(words)])
                }
                let message = stage.message(words, to: said)
                let error = await #expect(throws: ChannelError.self, "\(code)") { try await adapter.send(message) }
                #expect(
                    error.map { Self.isFitting($0, for: code) } == true, "\(code) became \(error.map { "\($0)" } ?? "")"
                )
            }
            // A page for people, as from a proxy in front of the platform.
            try await stage.remote.fault(
                "status", ["code": 503, "body": "<html>503</html>", "match": "answered by a page"])
            let error = await #expect(throws: ChannelError.self) {
                try await adapter.send(stage.message("answered by a page", to: said))
            }
            #expect(error.map { Self.isFitting($0, for: 503) } == true)
        }
    }

    private static func isFitting(_ error: ChannelError, for code: Int) -> Bool {
        switch (code, error) {
        case (401, .unauthorized), (403, .rejected), (400, .rejected), (400, .malformed): true
        case (500..., .unavailable), (500..., .ambiguous): true
        default: false
        }
    }

    func admitsDoubt(_ stage: Stage) async throws {
        try await stage.running { adapter in
            let said = try await stage.remote.say("hello")
            for (moment, count) in [("before", 0), ("after", 1)] {
                let words = "cut off \(moment) it was carried out"
                try await stage.remote.fault("reset", ["when": .string(moment), "match": .string(words)])
                let error = await #expect(throws: ChannelError.self) {
                    try await adapter.send(stage.message(words, to: said))
                }
                guard case .ambiguous = error else {
                    Issue.record("cut off \(moment): \(error.map { "\($0)" } ?? "no error"), not ambiguous")
                    continue
                }
                #expect(try await stage.remote.sent.filter { $0["text"]?.string == words }.count == count)
            }
        }
    }

    func stopsWithoutToken(_ stage: Stage) async throws {
        try await stage.remote.fault("unauthorized", ["times": 0])
        let adapter = try stage.adapter()
        let error = await #expect(throws: ChannelError.self) {
            try await adapter.run()
        }
        guard case .unauthorized(let reason) = error else {
            Issue.record("a refused token ends in \(error.map { "\($0)" } ?? "nothing")")
            return
        }
        #expect(reason.contains("channels.\(stage.settings.name)"), "it does not say where to mend it: \(reason)")
    }

    func ridesOutAnOutage(_ stage: Stage) async throws {
        try await stage.running { _ in
            _ = try await stage.remote.say("before")
            try await stage.until { $0.texts.contains("before") }
            try await stage.remote.fault("status", ["code": 502, "body": "<html>502</html>", "times": 2])
            try await stage.remote.fault("reset", ["when": "before"])
            try await stage.remote.fault("reset", ["when": "after"])
            for number in 1...5 { _ = try await stage.remote.say("during \(number)") }
            let expected = ["before"] + (1...5).map { "during \($0)" }
            try await stage.until { $0.distinct.texts.count >= expected.count }
            _ = try await stage.remote.say("afterwards")
            let heard = try await stage.until { $0.texts.contains("afterwards") }
            #expect(heard.distinct.texts == expected + ["afterwards"])
        }
    }

    func losesNothingUnstored(_ stage: Stage) async throws {
        stage.recorder.refuse(next: 2)
        try await stage.running { _ in
            for number in 1...3 { _ = try await stage.remote.say("message \(number)") }
            let heard = try await stage.until { $0.distinct.texts.count >= 3 }
            #expect(heard.refused > 0)
            #expect(heard.distinct.texts == ["message 1", "message 2", "message 3"])
        }
    }
}
