import Foundation
import Logging
import PraisonClient
import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonControlPlane

@Suite(.timeLimit(.minutes(1))) struct `an agent that registers over the wire` {
    let plane = TestPlane()

    private func turn(_ text: String = "hello", askedBy: [AgentName] = []) -> Turn {
        Turn(
            id: "turn-1", history: [ChatMessage(.assistant, "before")], input: [ChatMessage(.user, text)],
            conversation: Conversation(channel: "house", id: "7", scope: .group), sender: Sender(id: "ada"),
            deniedTools: ["rm"], askedBy: askedBy)
    }

    private func register(_ wire: Wire, _ name: String = "far", _ more: String = "") async throws -> JSONValue {
        try await wire.send(#"{"type":"agent_register","name":"\#(name)","description":"far away"\#(more)}"#)
        return try await wire.next()
    }

    private func agent(_ name: AgentName = "far") throws -> any Agent {
        try #require(plane.hub.directory.agent(name))
    }

    @Test func `is an agent like any other`() async throws {
        try await plane.connect { wire in
            let welcome = try await register(wire)
            #expect(welcome["type"] == "agent_registered")
            #expect(welcome["agents"]?.array?.map { $0["name"] } == ["assistant", "streamer"])
            #expect(plane.hub.agents.last == AgentDescription(name: "far", summary: "far away", model: "remote"))
            let parts = PartLog()
            async let reply = agent().reply(to: turn()) { await parts.add($0) }
            let frame = try await wire.next()
            #expect(frame["type"] == "turn")
            let sent = try #require(try frame["turn"].map { Turn(wire: try JSONDocument(parsing: $0.text())) })
            #expect(sent == turn())
            let id = try #require(frame["turn_id"]?.string)
            try await wire.send(#"{"type":"turn_part","turn_id":"\#(id)","part":{"text":"Hi"}}"#)
            try await wire.send(
                #"{"type":"turn_done","turn_id":"\#(id)","reply":{"text":"Hi","model":"acme/one","usage":{"input":3,"output":1}}}"#
            )
            #expect(try await reply == Reply(text: "Hi", model: "acme/one", usage: TokenUsage(input: 3, output: 1)))
            #expect(await parts.parts == [.text("Hi")])
            try await wire.send(#"{"type":"turn_done","turn_id":"\#(id)","reply":{"text":"again"}}"#)
            #expect(try await wire.next()["code"] == "unknown_turn")
        }
    }

    @Test func `tells why it has no answer`() async throws {
        try await plane.connect { wire in
            _ = try await register(wire)
            let agent = try agent()
            let asking = Task { try await agent.reply(to: turn()) { _ in } }
            let id = try #require(try await wire.next()["turn_id"]?.string)
            try await wire.send(
                #"{"type":"turn_failed","turn_id":"\#(id)","error":{"code":"rate_limit","message":"slowly","retry_after_seconds":3}}"#
            )
            await #expect(throws: AgentError(.rateLimit, detail: "slowly", retryAfter: .seconds(3))) {
                try await asking.value
            }
        }
    }

    @Test func `hands its unfinished turn to the process that comes next`() async throws {
        let parts = PartLog()
        let asking = Task {
            while plane.hub.directory.agent("far") == nil { await Task.yield() }
            return try await agent().reply(to: turn()) { await parts.add($0) }
        }
        try await plane.connect { wire in
            _ = try await register(wire)
            let id = try #require(try await wire.next()["turn_id"]?.string)
            try await wire.send(#"{"type":"turn_part","turn_id":"\#(id)","part":{"text":"Half"}}"#)
            while await parts.parts.isEmpty { await Task.yield() }
        }
        try await plane.connect { wire in
            _ = try await register(wire)
            let id = try #require(try await wire.next()["turn_id"]?.string)
            // What it says while it works would be heard twice.
            try await wire.send(#"{"type":"turn_part","turn_id":"\#(id)","part":{"text":"Half"}}"#)
            try await wire.send(#"{"type":"turn_done","turn_id":"\#(id)","reply":{"text":"Half done"}}"#)
            let reply = try await asking.value
            #expect(reply.text == "Half done")
        }
        #expect(await parts.parts == [.text("Half")])
    }

    @Test func `is waited for until reconnect_timeout, and named until resume_window`() async throws {
        try await plane.connect { wire in _ = try await register(wire) }
        let agent = try agent()
        let asking = Task { try await agent.reply(to: turn()) { _ in } }
        await plane.clock.nextSleeper()
        plane.clock.advance(by: .seconds(61))
        await #expect(throws: AgentError.notConnected("far")) { try await asking.value }
        let agents = plane.plane.parts.agents
        await agents.sweep()
        #expect(plane.hub.agents.map(\.name) == ["assistant", "streamer"])
        // What is said to it meanwhile is said to nobody else, and its clients may wait for it.
        await #expect(throws: AgentError.notConnected("far")) { try await agent.reply(to: turn()) { _ in } }
        try await plane.connect { wire in
            let welcome = try await wire.hello("far")
            #expect(welcome["type"] == "hello_ok")
        }
        plane.clock.advance(by: .seconds(24 * 3600))
        await agents.sweep()
        #expect(plane.hub.directory.agent("far") == nil)
    }

    @Test func `stops asking another agent when its own turn is over`() async throws {
        try await plane.connect { first in
            _ = try await register(first, "first")
            try await plane.connect { second in
                _ = try await register(second, "second")
                let agent = try agent("first")
                for isAborted in [true, false] {
                    let asking = Task { try await agent.reply(to: turn()) { _ in } }
                    let id = try #require(try await first.next()["turn_id"]?.string)
                    try await first.send(
                        #"{"type":"agent_ask","request_id":"q","turn_id":"\#(id)","agent":"second","question":"why?"}"#)
                    let asked = try await second.next()
                    if isAborted {
                        asking.cancel()
                    } else {
                        try await first.send(#"{"type":"turn_done","turn_id":"\#(id)","reply":{"text":"so"}}"#)
                    }
                    let cancelled = try await second.next()
                    #expect(cancelled["type"] == "turn_cancelled" && cancelled["turn_id"] == asked["turn_id"])
                    _ = await asking.result
                    // The end of the turn, where it was aborted, and that of the question, in either order.
                    _ = try await first.next(isAborted ? 2 : 1)
                }
            }
        }
    }

    @Test func `is told that it is registered before it gets the turns that wait for it`() async throws {
        let plane = TestPlane(announced: [AgentDescription(name: "far", model: "remote")])
        let agent = try #require(plane.hub.directory.agent("far"))
        let asking = Task { try await agent.reply(to: turn()) { _ in } }
        await plane.clock.nextSleeper()
        try await plane.connect { wire in
            #expect(try await register(wire)["type"] == "agent_registered")
            let id = try #require(try await wire.next()["turn_id"]?.string)
            try await wire.send(#"{"type":"turn_done","turn_id":"\#(id)","reply":{"text":"late"}}"#)
            #expect(try await asking.value.text == "late")
        }
    }

    @Test func `is described by the configuration, else by itself`() async throws {
        let plane = TestPlane(announced: [
            AgentDescription(name: "far", model: "remote"),
            AgentDescription(name: "known", summary: "as configured", model: "remote"),
        ])
        try await plane.connect { wire in
            _ = try await register(wire, "far")
            _ = try await register(wire, "known")
            _ = try await register(wire, "new")
            try await wire.send(#"{"type":"agent_register","name":"new","description":"better"}"#)
            _ = try await wire.next()
            #expect(plane.hub.agents.suffix(3).map(\.summary) == ["far away", "as configured", "better"])
        }
    }

    @Test(arguments: [
        #""type":"agent_register","name":"far","concurrency":"2""#,
        #""type":"agent_register","name":"far","timeout":"5""#,
        #""type":"agent_register","name":"far","description":5"#,
        #""type":"turn_done","turn_id":"1","reply":{"text":"x","messages":"no"}"#,
        #""type":"turn_done","turn_id":"1","reply":{"text":"x","messages":[{"role":"wizard","text":"y"}]}"#,
        #""type":"turn_done","turn_id":"1","reply":{"text":"x","messages":[{"role":"user","text":"y"}]}"#,
        #""type":"turn_done","turn_id":"1","reply":{"text":"x","usage":{"input":3,"output":"q"}}"#,
        #""type":"turn_done","turn_id":"1","reply":{"text":"x","usage":{"input":-3,"output":1}}"#,
        #""type":"turn_done","turn_id":"1","reply":{"text":"x","model":5}"#,
        #""type":"turn_done","turn_id":"1","reply":{"text":"x","tool_calls":[{"id":"1"}]}"#,
    ])
    func `is told what is wrong with a frame`(_ members: String) async throws {
        try await plane.connect { wire in
            try await wire.send("{\(members)}")
            #expect(try await wire.next()["code"] == "invalid_frame")
        }
    }

    @Test func `is given up when it takes too long`() async throws {
        try await plane.connect { wire in
            _ = try await register(wire, "far", #","timeout":5"#)
            async let reply = agent().reply(to: turn()) { _ in }
            let id = try await wire.next()["turn_id"]
            // The handshake's time limit sleeps as well.
            await plane.clock.nextSleeper(count: 2)
            plane.clock.advance(by: .seconds(6))
            do {
                _ = try await reply
                Issue.record("it answered")
            } catch let error as AgentError {
                #expect(error.kind == .idleTimeout)
                #expect(error.message == "Agent far did not answer in time. Please try again.")
            }
            let cancelled = try await wire.next()
            #expect(cancelled["type"] == "turn_cancelled")
            #expect(cancelled["turn_id"] == id)
        }
    }

    @Test func `gets as many turns at once as it takes`() async throws {
        try await plane.connect { wire in
            _ = try await register(wire, "far", #","concurrency":2"#)
            let agent = try agent()
            try await withThrowingTaskGroup(of: String.self) { group in
                for number in 1...3 {
                    group.addTask { try await agent.reply(to: turn("\(number)")) { _ in }.text }
                }
                let (first, second) = (try await wire.next(), try await wire.next())
                for frame in [first, second] {
                    let id = frame["turn_id"]?.string ?? ""
                    try await wire.send(#"{"type":"turn_done","turn_id":"\#(id)","reply":{"text":"done"}}"#)
                }
                let id = try await wire.next()["turn_id"]?.string ?? ""
                try await wire.send(#"{"type":"turn_done","turn_id":"\#(id)","reply":{"text":"done"}}"#)
                for try await text in group { #expect(text == "done") }
            }
        }
    }

    @Test func `asks other agents, but not in circles`() async throws {
        try await plane.connect { wire in
            _ = try await register(wire)
            async let reply = agent().reply(to: turn(askedBy: ["streamer"])) { _ in }
            let id = try #require(try await wire.next()["turn_id"]?.string)
            for (agent, isAnswered) in [("assistant", true), ("streamer", false), ("far", false), ("nobody", false)] {
                try await wire.send(
                    #"{"type":"agent_ask","request_id":"q","turn_id":"\#(id)","agent":"\#(agent)","question":"why?"}"#)
                let answer = try await wire.next()
                #expect(answer["type"] == "agent_answer")
                #expect((answer["reply"] != nil) == isAnswered)
                #expect((answer["error"] != nil) == !isAnswered)
            }
            try await wire.send(#"{"type":"turn_done","turn_id":"\#(id)","reply":{"text":"so"}}"#)
            _ = try await reply
        }
    }

    @Test func `takes no name that is taken, and needs the scope admin`() async throws {
        try await plane.connect { wire in
            let taken = try await register(wire, "assistant")
            #expect(taken["code"] == "agent_not_registered")
            let idle = try await register(wire, "far", #","concurrency":0"#)
            #expect(idle["code"] == "invalid_frame")
        }
        var server = ServerSettings()
        server.scopedTokens = [ScopedToken(token: Secret("only-writing-0123456789"), scopes: [.write])]
        let guarded = TestPlane(server)
        try await guarded.connect(headers: ["Authorization": "Bearer only-writing-0123456789"]) { wire in
            let refused = try await register(wire)
            #expect(refused["code"] == "insufficient_scope")
            #expect(guarded.hub.directory.agent("far") == nil)
        }
    }

    @Test func `is served by the client library, through lost connections`() async throws {
        struct Echo: Agent {
            let name: AgentName = "far"
            func reply(
                to turn: Turn, emit: @escaping @Sendable (ReplyPart) async throws -> Void
            ) async throws -> Reply {
                let text = "echo \(turn.input.last?.text ?? "")"
                try await emit(.text(text))
                return Reply(text: text)
            }
        }
        let plane = plane
        let socket = InMemoryWebSocketClient(plane.plane, peer: "127.0.0.1")
        let host = AgentHost(
            Echo(), .init(backoff: Backoff(initial: .zero)), webSocket: socket, clock: plane.clock,
            entropy: SeededEntropy(seed: 3), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await host.run() }
            for round in 1...3 {
                while plane.hub.directory.agent("far") == nil { await Task.yield() }
                let parts = PartLog()
                let reply = try await agent().reply(to: turn("\(round)")) { await parts.add($0) }
                #expect(reply.text == "echo \(round)")
                #expect(await parts.parts == [.text("echo \(round)")])
                for client in plane.plane.parts.clients.all { client.close(.livenessTimeout) }
            }
            group.cancelAll()
        }
    }
}

/// What an agent has said.
private actor PartLog {
    private(set) var parts: [ReplyPart] = []
    func add(_ part: ReplyPart) { parts.append(part) }
}
