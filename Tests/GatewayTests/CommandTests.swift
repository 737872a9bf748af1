import PraisonCore
import PraisonGateway
import PraisonSimulation
import Testing

@Suite(.timeLimit(.minutes(2))) struct `a command in a chat` {
    /// Says one thing after the other in a direct message, each when the one before is settled.
    ///
    /// - Returns: what people read, and the turns the agent had.
    private func conversation(
        _ words: [String], sender: SenderID = "ada", access: AccessSettings = AccessSettings(unknownUserPolicy: .allow)
    ) async throws -> (texts: [String], turns: [Turn]) {
        let scene = try Scene()
        let gate = Gate()
        gate.open()
        try await scene.withHub(channels: [.make(access: access)], agents: [gate.agent()]) { hub, journal in
            for (number, text) in zip(1..., words) {
                try await hub.accept([.said(text, number, sender: sender)])
                try await journal.isQuiet()
                // Each turn is remembered at a moment of its own.
                scene.clock.advance(by: .seconds(60))
            }
        }
        return (scene.stage.texts, gate.turns)
    }

    @Test func `forgets what was said last, and what was said before that`() async throws {
        let (texts, turns) = try await conversation(["one", "two", "/undo", "three", "/undo", "/undo", "/undo"])
        #expect(
            texts == [
                "one", "two", "Forgotten: “two”", "three", "Forgotten: “three”", "Forgotten: “one”",
                "There is nothing to undo.",
            ])
        #expect(turns.last?.history.map(\.text) == ["one", "one"])
    }

    @Test func `has the last question answered anew, in place of the first answer`() async throws {
        let (texts, turns) = try await conversation(["/retry", "one", "two", "/retry", "three"])
        #expect(texts == ["There is nothing to answer anew.", "one", "two", "two", "three"])
        #expect(turns[2].history.map(\.text) == ["one", "one"] && turns[2].input.map(\.text) == ["two"])
        #expect(turns[3].history.map(\.text) == ["one", "one", "two", "two"])
    }

    @Test func `brings an earlier conversation back, and keeps the one it replaces`() async throws {
        let (texts, turns) = try await conversation([
            "/sessions", "apples", "/new", "pears", "/sessions", "/resume 1", "more", "/resume", "again",
        ])
        #expect(texts[0] == "There is no earlier conversation here.")
        #expect(
            texts[4] == """
                Earlier conversations; /resume NUMBER goes on with one:
                1. “apples” (2 messages, 3 min ago)
                """)
        #expect(texts[5] == "We go on with: “apples”" && texts[7] == "We go on with: “pears”")
        #expect(turns[2].history.map(\.text) == ["apples", "apples"])
        #expect(turns[3].history.map(\.text) == ["pears", "pears"])
    }

    @Test func `asks which conversation is meant when it can't tell`() async throws {
        let (texts, _) = try await conversation(["apples", "/new", "/resume 7", "/resume apples"])
        #expect(texts.suffix(2).allSatisfy { $0.hasPrefix("Please say which one, as in /resume 1.\nEarlier") })
    }

    @Test func `is offered and carried out only where it is permitted`() async throws {
        let access = AccessSettings(
            owner: "ada", unknownUserPolicy: .allow, userAllowedCommands: ["help", "new"])
        let (mine, _) = try await conversation(["/help"], access: access)
        #expect(mine.first?.contains("/undo – ") == true)
        let (theirs, _) = try await conversation(["/help", "/undo"], sender: "eve", access: access)
        #expect(theirs.first?.contains("/new – ") == true && theirs.first?.contains("/undo") == false)
        #expect(theirs.last == "You may not use /undo here.")
    }

    @Test(arguments: [("ada", true), ("eve", false)])
    func `is not recommended to somebody who may not give it`(_ sender: SenderID, _ mayStartAfresh: Bool) async throws {
        let access = AccessSettings(owner: "ada", unknownUserPolicy: .allow, userAllowedCommands: ["help"])
        let full = FakeAgent { _, _ in throw AgentError(.contextOverflow, detail: "8193 tokens, of 8192") }
        let scene = try Scene()
        try await scene.withHub(channels: [.make(access: access)], agents: [full]) { hub, journal in
            try await hub.accept([.said("And then?", 1, sender: sender)])
            try await journal.isQuiet()
        }
        let advice = mayStartAfresh ? " Send /new to start afresh." : ""
        #expect(scene.stage.texts == ["Our conversation has grown too long for me." + advice])
    }

    @Test func `tells which model answers`() async throws {
        let (texts, _) = try await conversation(["/model"])
        #expect(texts == ["Agent: echo. Model: fake/fake."])
    }

    @Test func `tells where another model is set`() async throws {
        let (texts, _) = try await conversation(["/model gpt-4o"])
        #expect(
            texts == ["Agent: echo. Model: fake/fake. Another one is set in gateway.yaml, by agents.echo.model."])
    }
}
