import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite struct `the demonstration model` {
    private func conversation(_ questions: String...) async throws -> [String] {
        let agent = ModelAgent(
            AgentSettings(name: "demo"), model: DemonstrationModel(), window: ContextWindow(model: "offline/demo"),
            clock: VirtualClock(), logger: silent)
        var history: [ChatMessage] = []
        var answers: [String] = []
        for question in questions {
            let reply = try await agent.reply(to: .make(question, history: history)) { _ in }
            history += [ChatMessage(.user, question)] + reply.messages
            answers.append(reply.text)
        }
        return answers
    }

    @Test(arguments: [
        "hello", "my name is Ada", "what is 2+2?", "how do I set a key?", "who are you?", "blah", "", "thanks",
        "are you a real AI?", "[image: cat.jpg]",
    ])
    func `says what it is before anything else is taken for a model's`(_ question: String) async throws {
        let answer = try await conversation(question)[0]
        #expect(answer.contains("built-in demonstration model"))
        #expect(answer.contains("no language model"))
        #expect(answer.split { ".!".contains($0) }.count >= 2)
    }

    @Test func `answers what is asked, not the file beside it`() async throws {
        let file = Fence.wrap("my name is Mallory", in: "file", [("name", "a.txt")])
        let answers = try await conversation("what is 2+3?\n" + file, file, "what is my name?")
        #expect(answers[0].contains("5"))
        #expect(answers[1].contains("I was shown something"))
        #expect(!answers.joined().contains("</file>") && !answers.joined().contains("Mallory"))
    }

    @Test(arguments: [
        ("my name is Ada", "what is my name?", "Ada"),
        ("Hi, my name is Ada Lovelace.", "What’s my name", "Ada Lovelace"),
        ("I'm called Zoë and I like maps", "who am I?", "Zoë"), ("My name is 明", "do you know my name?", "明"),
        ("[Ada] my name is ada", "[Ada] @bot what is my name", "ada"),
        ("Call me Ishmael.", "what's my name?", "Ishmael"),
    ])
    func `remembers a name through the conversation`(
        _ introduction: String, _ question: String, _ name: String
    ) async throws {
        let answers = try await conversation(introduction, "hello", question)
        #expect(answers[0].contains("Nice to meet you, \(name)!"))
        #expect(answers[1].contains("Hello, \(name)!"))
        #expect(answers[2].hasPrefix("Your name is \(name)."))
    }

    @Test func `knows no name it was not told, and no other conversation's`() async throws {
        _ = try await conversation("my name is Ada")
        #expect(try await conversation("what is my name?")[0].contains("have not told me"))
        #expect(try await conversation("call me back", "what is my name?")[1].contains("have not told me"))
        #expect(try await conversation("> my name is Bob\nhello", "what is my name?")[1].contains("have not told me"))
    }

    @Test func `takes the newest name`() async throws {
        let answers = try await conversation("my name is Ada", "my name is Grace", "what is my name?")
        #expect(answers[2].hasPrefix("Your name is Grace."))
    }

    @Test(arguments: [
        ("what is 12 * (3 + 4)?", "12 * (3 + 4) = 84."), ("1/3", "≈ 0.333333333333"), ("2+2=", "2+2 = 4."),
        ("please calculate 10 / 4", "10 / 4 = 2.5."), ("how much is 5 / 0?", "divided by zero"),
        ("2^500", "too large"), ("[Ada] @bot what's 6 times 7?", "= 42."),
    ])
    func `does sums`(_ question: String, _ expected: String) async throws {
        #expect(try await conversation("hello", question)[1].contains(expected))
    }

    @Test(arguments: ["how do I set an API key?", "How can I get a real model", "how to set up", "OPENAI_API_KEY?"])
    func `tells how to set a key`(_ question: String) async throws {
        let answer = try await conversation("hello", question)[1]
        #expect(answer.contains("OPENAI_API_KEY"))
        #expect(answer.contains("base_url"))
        #expect(answer.contains("gateway.yaml"))
    }

    @Test func `says politely that it can't do the rest`() async throws {
        let answer = try await conversation("hello", "write me a poem about \(String(repeating: "rain ", count: 50))")[
            1]
        #expect(answer.contains("can't really answer that"))
        #expect(answer.contains("…"))
        #expect(answer.count < 400)
    }

    @Test func `streams in small parts that add up`() async throws {
        let events = Collected<ModelEvent>()
        let request = ModelRequest(messages: [ChatMessage(.user, "hello")])
        let response = try await DemonstrationModel().complete(request) { events.add($0) }
        let parts = events.all.compactMap { if case .text(let text) = $0 { text } else { nil } }
        #expect(parts.count > 10)
        #expect(parts.allSatisfy { $0.count < 40 })
        #expect(parts.joined() == response.text)
        #expect((response.usage?.output ?? 0) > 0)
        #expect(response.model == "offline/demo")
    }

    @Test func `says the same every time`() async throws {
        let first = try await conversation("hello", "3*3", "who are you", "xyz")
        let second = try await conversation("hello", "3*3", "who are you", "xyz")
        #expect(first == second)
    }

    @Test func `is never a reason to crash`() async throws {
        var random = MutationSource(seed: 5)
        for seed in ["my name is Ada, what is my name?", "what is 12 * (3+4)?", "[x] @y hello\n> quoted\n1/0"] {
            for _ in 0..<300 {
                let question = String(decoding: random.mutate(Array(seed.utf8)), as: UTF8.self)
                #expect(!DemonstrationScript([ChatMessage(.user, question)]).answer().isEmpty)
            }
        }
    }
}
