import PraisonCore
import PraisonGateway
import PraisonSimulation
import Testing

@Suite(.timeLimit(.minutes(2))) struct `a message that nobody asked for` {
    private let there = Conversation(channel: "house", id: "99", scope: .dm)

    @Test func `is said once under one key`() async throws {
        let scene = try Scene()
        try await scene.withHub { hub, journal in
            try await hub.send("hello", to: there, key: "k")
            try await hub.send("hello", to: there, key: "k")
            try await hub.accept([.said("last", 1)])
            _ = try await journal.settled("house/1")
            try await journal.isQuiet()
        }
        #expect(scene.stage.shown.filter { $0.conversation.id == "99" }.map(\.text) == ["hello"])
    }

    @Test func `goes to no channel that there is not`() async throws {
        let scene = try Scene()
        try await scene.withHub { hub, _ in
            let error = await #expect(throws: MessageSenderError.self) {
                try await hub.send("x", to: Conversation(channel: "hose", id: "1", scope: .dm), key: "k")
            }
            #expect(error?.description == "there is no channel hose; there is house")
        }
    }
}
