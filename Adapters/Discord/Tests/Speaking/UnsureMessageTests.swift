import PraisonCore
import PraisonSimulation
import PraisonTesting
import Testing

@testable import DiscordAdapter
@testable import DiscordSimulator

@Suite(.timeLimit(.minutes(2))) struct `a message whose fate nobody told` {
    /// Sends what is cut off before or after it arrives.
    private func lose(
        _ message: OutboundMessage, afterwards isCarriedOut: Bool, _ stage: DiscordStage, _ adapter: DiscordAdapter
    ) async throws {
        try stage.fault(.reset(afterwards: isCarriedOut), match: message.text)
        let error = await #expect(throws: ChannelError.self) { try await adapter.send(message) }
        guard case .ambiguous = error else {
            Issue.record("cut off, it is \(error.map { "\($0)" } ?? "sent")")
            return
        }
    }

    @Test func `is found in the channel's history when nobody told what became of it`() async throws {
        let stage = DiscordStage()
        let said = try stage.say("hello")
        let event = EventID("discord/message/\(said.id)")
        try await stage.running { adapter in
            try await stage.until { $0.health.contains(.receiving) }
            for isThere in [true, false] {
                let words = "an answer \(isThere)"
                let message = stage.message(words, to: said, key: words, answers: event)
                try await lose(message, afterwards: isThere, stage, adapter)
                try await stage.pass(.seconds(130))
                let receipt = try await adapter.receipt(of: message)
                #expect((receipt != nil) == isThere)
                #expect(receipt?.id == (isThere ? stage.simulator.sent.last?.id : nil))
            }
            // The same words from before the question are somebody else's answer.
            _ = try await adapter.send(stage.message("yes", to: said, key: "old"))
            try await stage.pass(.seconds(60))
            let later = try stage.say("and now?")
            try await stage.pass(.seconds(130))
            let message = stage.message(
                "yes", to: later, key: "new", answers: EventID("discord/message/\(later.id)"))
            #expect(try await adapter.receipt(of: message) == nil)
        }
    }

    @Test(arguments: [true, false])
    func `is sent once more under its nonce as long as that is known`(isThere: Bool) async throws {
        let stage = DiscordStage()
        try await stage.running { adapter in
            let said = try stage.say("hello")
            try await stage.until { $0.texts == ["hello"] }
            let message = stage.message("an answer", to: said, answers: EventID("discord/message/\(said.id)"))
            try await lose(message, afterwards: isThere, stage, adapter)
            #expect(try await adapter.receipt(of: message) == nil)
            #expect(!stage.calls.contains { $0.name.hasPrefix("GET /channels") }, "the history was looked at")
            let receipt = try await adapter.send(message)
            #expect(stage.simulator.sent.map(\.id) == [receipt.id])
        }
    }

    @Test(arguments: [10, 130])
    func `is not taken for the equal answer to somebody else`(age: Int) async throws {
        let stage = DiscordStage()
        try await stage.running { adapter in
            let ada = try stage.say("is it?", in: "general", .group)
            let ben = try stage.say("is it?", in: "general", .group, sender: "ben")
            try await stage.until { $0.distinct.texts.count == 2 }
            let answers = [ada, ben].map {
                stage.message(
                    "yes", to: $0, .group, key: $0.id.rawValue, replyTo: $0.id,
                    answers: EventID("discord/message/\($0.id)"))
            }
            try await lose(answers[1], afterwards: false, stage, adapter)
            let receipt = try await adapter.send(answers[0])
            try await stage.pass(.seconds(age))
            #expect(try await adapter.receipt(of: answers[1]) == nil)
            #expect(try await adapter.receipt(of: answers[0])?.id == (age > 120 ? receipt.id : nil))
            _ = try await adapter.send(answers[1])
            #expect(stage.simulator.sent.map(\.replyTo) == [ada.id, ben.id])
        }
    }

    @Test func `is only there if all of it is`() async throws {
        let stage = DiscordStage()
        try await stage.running { adapter in
            let said = try stage.say("hello")
            try await stage.until { $0.texts == ["hello"] }
            let files = (1...12).map {
                OutboundMessage.File(
                    kind: .document, name: "\($0).txt", source: .bytes([UInt8](repeating: 65, count: $0)))
            }
            let message = stage.message(
                "twelve", to: said, answers: EventID("discord/message/\(said.id)"), files: files)
            try stage.fault(.reset(afterwards: false), match: "12.txt")
            await #expect(throws: ChannelError.self) { try await adapter.send(message) }
            #expect(stage.simulator.sent.count == 1)
            try await stage.pass(.seconds(130))
            #expect(try await adapter.receipt(of: message) == nil)
            // The nonces are still good.
            let receipt = try await adapter.send(message)
            #expect(stage.simulator.sent.map(\.files.count) == [10, 2])
            #expect(try await adapter.receipt(of: message)?.id == receipt.id)
        }
    }

    @Test func `that answers nothing is sent once more rather than taken for an equal one`() async throws {
        let stage = DiscordStage()
        try await stage.running { adapter in
            let said = try stage.say("hello", in: "general", .group)
            try await stage.until { $0.texts == ["hello"] }
            _ = try await adapter.send(stage.message("Deploy finished", to: said, .group, key: "1"))
            let second = stage.message("Deploy finished", to: said, .group, key: "2")
            try await lose(second, afterwards: false, stage, adapter)
            try await stage.pass(.seconds(130))
            #expect(try await adapter.receipt(of: second) == nil)
        }
    }

    @Test func `that answers a command is not taken for the equal answer to another`() async throws {
        var stage = DiscordStage()
        stage.commands = [ChannelCommand(name: "help", summary: "tells what I can do")]
        try await stage.running { [stage] adapter in
            try await stage.until { $0.health.contains(.receiving) }
            try await stage.called { calls in calls.contains { $0.name.hasPrefix("PUT /applications/") } }
            let asked = try ["ada", "ben"].map { try stage.say("/help", in: "general", .group, sender: $0) }
            try await stage.until { $0.messages.filter { $0.command != nil }.count == 2 }
            let answers = asked.map {
                stage.message(
                    "the list", to: $0, .group, key: $0.id.rawValue, answers: EventID("discord/interaction/\($0.id)"))
            }
            let receipt = try await adapter.send(answers[0])
            try stage.fault(.reset(afterwards: false), match: "@original")
            await #expect(throws: ChannelError.self) { try await adapter.send(answers[1]) }
            #expect(try await adapter.receipt(of: answers[1]) == nil)
            #expect(try await adapter.receipt(of: answers[0])?.id == receipt.id)
        }
    }
}
