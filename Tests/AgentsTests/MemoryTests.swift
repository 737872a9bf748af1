import PraisonCore
import PraisonSimulation
import Synchronization
import Testing

@testable import PraisonAgents

@Suite(.timeLimit(.minutes(1))) struct `an agent that remembers` {
    private let store = FakeFacts()

    private func agent(_ model: any ModelProvider, name: AgentName = "a", identities: Identities = Identities())
        -> ModelAgent
    {
        let memory = PersonalMemory(
            agent: name, store: store, identities: identities, clock: VirtualClock(), logger: silent)
        return ModelAgent(
            AgentSettings(name: name), model: model, tools: ToolBox(memory.tools),
            window: ContextWindow(total: 8192, output: 1024), memory: memory, clock: VirtualClock(), logger: silent)
    }

    private func turn(_ text: String, channel: ChannelName = "test", sender: SenderID = "7") -> Turn {
        Turn(
            id: "t", history: [], input: [ChatMessage(.user, text)],
            conversation: Conversation(channel: channel, id: "1", scope: .dm), sender: Sender(id: sender))
    }

    @Test func `keeps a fact of a person and knows it in another conversation`() async throws {
        let first = ScriptedModel([.calling([("1", "remember", #"{"fact": "Ada likes\ntea"}"#)]), .saying("noted")])
        _ = try await agent(first).reply(to: turn("I like tea")) { _ in }
        #expect(store.all.map(\.text) == ["Ada likes tea"])
        #expect(store.all.map(\.subject) == ["a/person/test/7"])
        let second = ScriptedModel([.saying("tea?")])
        var later = turn("hello")
        later.conversation.id = "2"
        _ = try await agent(second).reply(to: later) { _ in }
        let system = try #require(second.requests.first?.messages.first?.text)
        #expect(system.contains("What you remember from earlier:\n<memory>\n- Ada likes tea\n</memory>"))
    }

    @Test func `tells nobody else, and no other agent`() async throws {
        _ = try await store.remember("a secret", about: "a/person/test/7", at: Timestamp(seconds: 0))
        for (name, sender) in [("a", "8"), ("b", "7")] as [(AgentName, SenderID)] {
            let model = ScriptedModel([.saying("hi")])
            _ = try await agent(model, name: name).reply(to: turn("hello", sender: sender)) { _ in }
            #expect(model.requests.first?.messages.first?.text.contains("secret") == false)
        }
    }

    @Test func `keeps what was told in private out of a group`() async throws {
        _ = try await store.remember("a secret", about: "a/person/test/7", at: Timestamp(seconds: 0))
        let model = ScriptedModel([.calling([("1", "remember", #"{"fact": "we meet at four"}"#)]), .saying("hi")])
        var group = turn("hello")
        group.conversation.scope = .group
        _ = try await agent(model).reply(to: group) { _ in }
        #expect(model.requests.first?.messages.first?.text.contains("secret") == false)
        #expect(store.all.last?.subject.hasPrefix("a/conversation/") == true)
    }

    @Test func `knows a person wherever they write from`() async throws {
        let identities = Identities(["test/7": "ada", "work/99": "ada"])
        let first = ScriptedModel([.calling([("1", "remember", #"{"fact": "likes tea"}"#)]), .saying("noted")])
        _ = try await agent(first, identities: identities).reply(to: turn("x")) { _ in }
        let second = ScriptedModel([.calling([("1", "recall", "{}")]), .saying("tea")])
        _ = try await agent(second, identities: identities).reply(to: turn("y", channel: "work", sender: "99")) { _ in }
        #expect(second.requests.last?.messages.last?.text.contains("- likes tea") == true)
    }

    @Test func `answers all the same when its store is in trouble`() async throws {
        store.breaks()
        let model = ScriptedModel([.calling([("1", "remember", #"{"fact": "x"}"#)]), .saying("hi")])
        #expect(try await agent(model).reply(to: turn("hello")) { _ in }.text == "hi")
        #expect(model.requests.last?.messages.last?.isError == true)
    }

    @Test func `can be tried without a model`() async throws {
        let told = try await agent(DemonstrationModel()).reply(to: turn("remember that the key is under the mat")) {
            _ in
        }
        #expect(told.text.contains("I will remember that: the key is under the mat."))
        let asked = try await agent(DemonstrationModel()).reply(to: turn("what do you remember?")) { _ in }
        #expect(asked.text.contains("the key is under the mat"))
        let met = try await agent(DemonstrationModel()).reply(to: turn("my name is Ada")) { _ in }
        #expect(met.text.contains("Nice to meet you, Ada! I will remember your name, also when we talk another time."))
        #expect(store.all.last?.text == "the person's name is Ada")
        let known = try await agent(DemonstrationModel()).reply(to: turn("what is my name?")) { _ in }
        #expect(known.text.contains("Your name is Ada. You told me another time."))
        let shared = try await agent(DemonstrationModel()).reply(to: turn("[Ben] my name is Ben")) { _ in }
        #expect(shared.text.contains("as long as our conversation lasts") && store.all.count == 2)
    }
}

final class FakeFacts: FactStore {
    struct Broken: Error {}
    private struct State {
        var facts: [Fact] = []
        var isBroken = false
        var remembered = 0
    }

    private let state = Mutex(State())

    var all: [Fact] { state.withLock { $0.facts } }
    /// How many times something was kept.
    var remembered: Int { state.withLock { $0.remembered } }
    func breaks() { state.withLock { $0.isBroken = true } }
    func mends() { state.withLock { $0.isBroken = false } }

    func remember(_ text: String, about subject: String, at time: Timestamp) async throws -> Fact {
        try state.withLock { state in
            if state.isBroken { throw Broken() }
            state.remembered += 1
            let fact = Fact(id: Int64(state.remembered), subject: subject, text: text, at: time)
            state.facts.append(fact)
            return fact
        }
    }

    func facts(about subjects: [String], matching query: String?, limit: Int) async throws -> [Fact] {
        try state.withLock { state in
            if state.isBroken { throw Broken() }
            let words = query?.lowercased().split(separator: " ")
            return state.facts.filter { fact in
                subjects.contains(fact.subject) && words?.contains { fact.text.lowercased().contains($0) } ?? true
            }
        }
    }

    func forget(_ id: Fact.ID?, about subjects: [String]) async throws -> Int {
        try state.withLock { state in
            if state.isBroken { throw Broken() }
            let count = state.facts.count
            state.facts.removeAll { subjects.contains($0.subject) && ($0.id == id || id == nil) }
            return count - state.facts.count
        }
    }
}
