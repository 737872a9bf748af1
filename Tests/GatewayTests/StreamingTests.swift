import PraisonCore
import PraisonGateway
import PraisonSimulation
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct `a reply that grows` {
    private static let streaming = StreamingSettings(mode: .draft, minInterval: .seconds(1), minDelta: 1)

    /// An agent that says its words one at a time, each when the gate's next turn is let through.
    private func speaker(_ words: [String], pausing clock: VirtualClock) -> FakeAgent {
        FakeAgent { _, emit in
            for word in words {
                try await emit(.text(word))
                try await clock.sleep(for: .seconds(2))
            }
            return Reply(text: words.joined())
        }
    }

    @Test func `is one message in the end, whole`() async throws {
        let scene = try Scene()
        let agent = speaker(["one ", "two ", "three"], pausing: scene.clock)
        try await scene.withHub(
            channels: [.make(streaming: Self.streaming)], agents: [agent], adapter: EditingAdapter.init
        ) { hub, journal in
            try await hub.accept([.said("go", 1)])
            try await scene.passingTime { try await journal.isQuiet() }
            #expect(scene.stage.texts == ["one two three"])
            #expect(scene.stage.calls == 4 && scene.stage.typing > 0)
        }
    }

    @Test func `does not grow unless asked to`() async throws {
        let scene = try Scene()
        let agent = speaker(["one ", "two"], pausing: scene.clock)
        try await scene.withHub(agents: [agent], adapter: EditingAdapter.init) { hub, journal in
            try await hub.accept([.said("go", 1)])
            try await scene.passingTime { try await journal.isQuiet() }
            #expect(scene.stage.texts == ["one two"] && scene.stage.calls == 1)
        }
    }

    @Test(arguments: [false, true])
    func `goes on in one new message when it is deleted, and gives up when that is too`(_ again: Bool) async throws {
        let scene = try Scene()
        let stage = scene.stage
        let clock = scene.clock
        let words = (1...10).map { "word\($0) " }
        let agent = FakeAgent { _, emit in
            for (number, word) in words.enumerated() {
                try await emit(.text(word))
                if again || number == 2 { stage.clear() }
                try await clock.sleep(for: .seconds(2))
            }
            return Reply(text: words.joined())
        }
        var streaming = Self.streaming
        streaming.maximumFailures = 3
        try await scene.withHub(
            channels: [.make(streaming: streaming)], agents: [agent], adapter: WideEditingAdapter.init
        ) { hub, journal in
            try await hub.accept([.said("go", 1)])
            try await scene.passingTime { try await journal.isQuiet() }
            #expect(stage.texts.map { $0.split(separator: " ").count } == [10])
            #expect(stage.calls == (again ? 5 : 11))
        }
    }

    @Test(arguments: [StreamingSettings.Mode.off, .draft])
    func `tells the agent whether anybody watches`(_ mode: StreamingSettings.Mode) async throws {
        let scene = try Scene()
        let agent = FakeAgent { turn, _ in Reply(text: "\(turn.isWatched)") }
        try await scene.withHub(
            channels: [.make(streaming: StreamingSettings(mode: mode))], agents: [agent], adapter: EditingAdapter.init
        ) { hub, journal in
            try await hub.accept([.said("go", 1)])
            try await journal.isQuiet()
            #expect(scene.stage.texts == ["\(mode == .draft)"])
        }
    }

    @Test func `goes on in the next message when one is full`() async throws {
        let scene = try Scene()
        let words = (1...30).map { "word\($0) " }
        let agent = speaker(words, pausing: scene.clock)
        try await scene.withHub(
            channels: [.make(streaming: Self.streaming)], agents: [agent], adapter: EditingAdapter.init
        ) { hub, journal in
            try await hub.accept([.said("go", 1)])
            try await scene.passingTime { try await journal.isQuiet() }
            let text = scene.stage.texts.joined(separator: " ")
            #expect(text.split(separator: " ").map(String.init) == (1...30).map { "word\($0)" })
            #expect(scene.stage.texts.count > 2 && scene.stage.texts.allSatisfy { $0.utf16.count <= 60 })
        }
    }

    @Test func `slows down when the platform complains`() async throws {
        let streaming = StreamingSettings(
            mode: .draft, minInterval: .seconds(1), maxInterval: .seconds(8), minDelta: 1, floodBackoff: 4)
        try await withNarrator(streaming) { scene, narrator in
            await narrator.say("one ")
            scene.clock.advance(by: .seconds(2))
            scene.stage.next(.refuse(.rateLimited(retryAfter: .seconds(1))))
            await narrator.say("two ")
            #expect(scene.stage.calls == 2)
            for (pause, calls) in [(3, 2), (1, 3), (3, 3), (1, 4)] {
                scene.clock.advance(by: .seconds(pause))
                await narrator.say("more ")
                #expect(scene.stage.calls == calls)
            }
        }
    }

    @Test func `shows something at least as often as asked, however little is new`() async throws {
        let streaming = StreamingSettings(
            mode: .draft, minInterval: .seconds(1), maxInterval: .seconds(6), minDelta: 4000,
            progressPrefix: "(writing) ")
        try await withNarrator(streaming) { scene, narrator in
            await narrator.say("one ")
            #expect(scene.stage.texts == ["(writing) one "])
            scene.clock.advance(by: .seconds(5))
            await narrator.say("two ")
            #expect(scene.stage.texts == ["(writing) one "])
            scene.clock.advance(by: .seconds(1))
            await narrator.say("three")
            #expect(scene.stage.texts == ["(writing) one two three"])
        }
    }

    /// Runs a hub whose agent says what `body` has it say, and checks that it is whole in the end.
    private func withNarrator(
        _ streaming: StreamingSettings, _ body: @escaping @Sendable (Scene, Narrator) async throws -> Void
    ) async throws {
        let scene = try Scene()
        let narrator = Narrator()
        try await scene.withHub(
            channels: [.make(streaming: streaming)], agents: [narrator.agent()], adapter: EditingAdapter.init
        ) { hub, journal in
            try await hub.accept([.said("go", 1)])
            try await body(scene, narrator)
            narrator.finish()
            try await scene.passingTime { try await journal.isQuiet() }
            #expect(scene.stage.texts == [narrator.said])
        }
    }

    @Test func `is never seen where the agent chooses to say nothing`() async throws {
        let scene = try Scene()
        let agent = speaker(["NO_", "REPLY"], pausing: scene.clock)
        let channel = ChannelSettings.make(streaming: Self.streaming, silenceToken: "NO_REPLY")
        try await scene.withHub(channels: [channel], agents: [agent], adapter: EditingAdapter.init) { hub, journal in
            try await hub.accept([.said("go", 1)])
            try await scene.passingTime { try await journal.isQuiet() }
            let outcome = try await journal.settled("house/1")
            #expect(outcome.status == .answered && outcome.reason == "the agent chose to say nothing")
            #expect(scene.stage.calls == 0)
        }
    }

    @Test func `stays with a word when it is stopped or fails`() async throws {
        for isStopped in [true, false] {
            let scene = try Scene()
            let gate = Gate()
            let agent = FakeAgent { turn, emit in
                try await emit(.text("so far"))
                if isStopped { try await gate.pass(turn) }
                throw AgentError(.transient, detail: "cut off")
            }
            try await scene.withHub(
                channels: [.make(streaming: Self.streaming)], agents: [agent], adapter: EditingAdapter.init
            ) { hub, journal in
                try await hub.accept([.said("go", 1)])
                try await scene.stage.texts(1)
                if isStopped {
                    await gate.turns(1)
                    _ = await hub.stop(.init(channel: "house", id: "42", scope: .dm), includingQueued: true)
                }
                try await journal.isQuiet()
                #expect(scene.stage.texts.first?.hasPrefix("so far\n\n") == true)
                #expect(scene.stage.texts.first?.contains("stopped") == isStopped)
            }
        }
    }

    @Test func `goes on growing where a crash interrupted it`() async throws {
        let scene = try Scene()
        let gate = Gate()
        let agent = FakeAgent { turn, emit in
            try await emit(.text("so far"))
            try await gate.pass(turn)
            return Reply(text: "so far so good")
        }
        for isFirst in [true, false] {
            try await scene.withHub(
                channels: [.make(streaming: Self.streaming)], agents: [agent], adapter: EditingAdapter.init
            ) { hub, journal in
                if isFirst {
                    try await hub.accept([.said("go", 1)])
                    await gate.turns(1)
                    journal.kill()
                } else {
                    gate.open()
                    try await journal.isQuiet()
                }
            }
        }
        #expect(scene.stage.texts == ["so far so good"])
    }

    @Test func `goes to clients part by part, with how it ended`() async throws {
        let scene = try Scene()
        let agent = FakeAgent { _, emit in
            try await emit(.reasoning("hm"))
            try await emit(.text("yes"))
            return Reply(text: "yes")
        }
        try await scene.withHub(agents: [agent]) { hub, journal in
            try await hub.accept([.said("go", 1, channel: .gateway)])
            try await journal.isQuiet()
            #expect(scene.stage.parts.map(\.1) == [.reasoning("hm"), .text("yes")])
            #expect(scene.stage.shown.map(\.outcome?.status) == [.answered])
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `a client's session` {
    @Test func `starts afresh after its timeout, and is bounded`() async throws {
        let scene = try Scene()
        let gate = Gate()
        gate.open()
        let session = SessionSettings(timeout: .seconds(90), maxMessages: 4)
        try await scene.withHub(session: session, agents: [gate.agent()]) { hub, journal in
            for number in 1...4 {
                try await hub.accept([.said("\(number)", number, channel: .gateway)])
                _ = try await journal.settled(EventID("gateway/\(number)"))
            }
            scene.clock.advance(by: .seconds(91))
            try await hub.accept([.said("5", 5, channel: .gateway)])
            _ = try await journal.settled("gateway/5")
        }
        #expect(gate.turns.map(\.history.count) == [0, 2, 4, 4, 0])
    }
}

/// Lets a test say an agent's words, one at a time.
private final class Narrator: Sendable {
    private let (words, speaker) = AsyncStream.makeStream(of: (String, CheckedContinuation<Void, Never>).self)
    private let text = Mutex("")

    var said: String { text.withLock { $0 } }

    /// Returns when the hub has taken the words, and shown them if it means to.
    func say(_ words: String) async {
        await withCheckedContinuation { _ = speaker.yield((words, $0)) }
    }

    func finish() { speaker.finish() }

    func agent() -> FakeAgent {
        FakeAgent { _, emit in
            for await (words, done) in self.words {
                self.text.withLock { $0 += words }
                try await emit(.text(words))
                done.resume()
            }
            return Reply(text: self.said)
        }
    }
}
