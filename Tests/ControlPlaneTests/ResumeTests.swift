import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonControlPlane

@Suite(.timeLimit(.minutes(1))) struct `a client that comes back` {
    let store = MemorySessionStore()
    let plane: TestPlane

    init() { plane = TestPlane(store: store) }

    /// Asks once in a session named `s`, and gets the reply.
    private func converse(_ plane: TestPlane, _ wire: Wire, _ text: String = "one") async throws {
        let count = plane.hub.accepted.count
        try await wire.say(text)
        try await plane.reply("echo: \(text)", to: await plane.hub.event(count + 1))
        _ = try await wire.next(2)
    }

    @Test func `gets what it missed as replays, with the numbers they had`() async throws {
        let key = try await plane.connect { wire in
            let hello = try await wire.hello("assistant", #","session_id":"s""#)
            try await converse(plane, wire)
            try await wire.say("two")
            _ = try await wire.next()
            return try #require(hello["resume_key"]?.string)
        }
        // Nobody is there when the turn ends.
        let event = await plane.hub.event(2)
        try await plane.stream(.text("echo: two"), answering: event)
        try await plane.reply("echo: two", to: event)
        try await plane.connect { wire in
            let hello = try await wire.hello("assistant", #","session_id":"s","since":3,"resume_key":"\#(key)""#)
            #expect(hello["resumed"] == true)
            // Whoever drops now has these, and no more.
            #expect(hello["cursor"] == 3)
            #expect(hello["sequence"] == 3)
            let replays = try await wire.next(3)
            #expect(replays.map { $0["type"] } == ["replay", "replay", "replay"])
            #expect(replays.map { $0["event"]?["type"] } == ["token_stream", "stream_end", "response"])
            #expect(replays.map { $0["event"]?["sequence"] } == [4, 5, 6])
            #expect(replays.allSatisfy { $0["seq"] == nil && $0["event"]?["source"] == "gateway" })
            #expect(replays[2]["event"]?["data"]?["content"] == "echo: two")
            #expect(replays[2]["event"]?["data"]?["seq"] == 6)
            try await converse(plane, wire, "three")
        }
    }

    @Test func `gets it from a gateway that was started anew`() async throws {
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s""#)
            try await converse(plane, wire)
            try await wire.say("two", requestID: "r-2")
            _ = try await wire.next()
        }
        let interrupted = await plane.hub.event(2)
        let next = TestPlane(store: store, seed: 2)
        // The hub takes the turn up again before the client is back.
        try await next.stream(.text("echo"), answering: interrupted)
        try await next.reply("echo: two", to: interrupted)
        try await next.connect { wire in
            let hello = try await wire.hello("assistant", #","session_id":"s","since":2"#)
            #expect(hello["resumed"] == true)
            let replays = try await wire.next(4)
            #expect(replays.map { $0["event"]?["sequence"] } == [3, 4, 5, 6])
            #expect(replays[3]["event"]?["data"]?["content"] == "echo: two")
            #expect(replays[3]["event"]?["data"]?["request_id"] == "r-2")
        }
    }

    @Test func `that does not say what it has gets all it is not known to have received`() async throws {
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s""#)
            try await converse(plane, wire)
        }
        try await plane.connect { wire in
            let hello = try await wire.hello("assistant", #","session_id":"s""#)
            #expect(hello["sequence"] == 0)
            #expect(try await wire.next(2).map { $0["event"]?["sequence"] } == [1, 2])
        }
    }

    @Test func `that has more than there is loses nothing of what there is`() async throws {
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s""#)
            try await converse(plane, wire)
        }
        try await plane.connect { wire in
            let hello = try await wire.hello("assistant", #","session_id":"s","since":99"#)
            #expect(hello["resync_required"] == true)
            #expect(hello["cursor"] == 2)
        }
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s""#)
            #expect(try await wire.next(2).map { $0["event"]?["sequence"] } == [1, 2])
        }
    }

    @Test func `never sees a frame that is not in the store`() async throws {
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s""#)
            try await wire.say("one")
            _ = try await wire.next()
            let event = await plane.hub.event()
            store.holdSaves()
            try await plane.stream(.text("a"), answering: event)
            await store.isHolding()
            try await plane.stream(.text("b"), answering: event)
            store.holdSaves(false)
            for sequence in 2...3 {
                #expect(try await wire.next()["seq"]?.int == sequence)
                #expect(store.sessions["s"]?.frames.last?.sequence ?? 0 >= Int64(sequence))
            }
        }
    }

    @Test func `gets words in fewer frames where they come faster than the store takes them`() async throws {
        let store = MemorySessionStore()
        let plane = TestPlane(store: store)
        try await plane.connect { wire in
            try await wire.hello()
            try await wire.say("x")
            _ = try await wire.next()
            let event = await plane.hub.event()
            store.holdSaves()
            let words = (1...40).map { "word \($0) " }
            try await plane.stream(.text(words[0]), answering: event)
            await store.isHolding()
            for word in words.dropFirst() { try await plane.stream(.text(word), answering: event) }
            store.holdSaves(false)
            try await plane.reply(words.joined(), to: event)
            var frames: [JSONValue] = []
            repeat { frames.append(try await wire.next()) } while frames.last?["status"] != "final"
            let said = frames.filter { $0["type"] == "token_stream" }.compactMap { $0["data"]?["content"]?.string }
            #expect(said.joined() == words.joined())
            #expect(said.count < 15)
            #expect(frames.compactMap { $0["seq"]?.int } == Array(2..<2 + frames.count))
        }
    }

    @Test func `finds that a gateway started anew knows what it still has to answer`() async throws {
        let key = try await plane.connect { wire in
            let hello = try await wire.hello("assistant", #","session_id":"s""#)
            try await wire.say("one", requestID: "r-1")
            _ = try await wire.next()
            return hello["resume_key"]?.string ?? ""
        }
        let event = await plane.hub.event()
        let conversation = try #require(event.message?.conversation)
        var settings = SessionSettings()
        settings.maxInbox = 2
        let next = TestPlane(session: settings, store: store, seed: 2)
        next.hub.setUnanswered([event])
        next.hub.setBusy(conversation)
        try await next.connect { wire in
            try await wire.hello(
                "assistant", #","session_id":"s","since":1,"snapshot":true,"resume_key":"\#(key)""#)
            let snapshot = try await wire.next()
            #expect(snapshot["state"]?["messages"]?.array?.map { $0["content"] } == ["one"])
            #expect(snapshot["state"]?["messages"]?[0]?["metadata"] == ["pending": true])
            #expect(try await wire.next()["event"]?["sequence"] == 1)
            try await wire.say("one", requestID: "r-1")
            #expect(try await wire.next()["status"] == "duplicate")
            try await wire.say("two", requestID: "r-2")
            #expect(try await wire.next(2)[1]["content"] == "Message queued.")
            try await wire.say("three", requestID: "r-3")
            #expect(try await wire.next()["outcome"]?["status"] == "rejected")
            try await next.reply("echo: one", to: event)
            #expect(try await wire.next()["request_id"] == "r-1")
        }
    }

    @Test func `is taken up in the middle of a long reply`() async throws {
        var server = ServerSettings()
        server.maxQueuedFrames = 5
        let plane = TestPlane(server)
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s""#)
            try await wire.say("one")
            _ = try await wire.next()
            let event = await plane.hub.event()
            for _ in 1...10 {
                try await plane.stream(.text("word "), answering: event)
                _ = try await wire.next()
            }
        }
        try await plane.stream(.text("meanwhile"), answering: plane.hub.event())
        try await plane.connect { wire in
            let welcome = try await wire.hello("assistant", #","session_id":"s","since":0"#)
            #expect(welcome["type"] == "hello_ok")
            let last = try await wire.next(12).last
            #expect(last?["event"]?["data"]?["data"]?["content"] == "meanwhile")
        }
    }

    @Test func `takes its session from a connection that is dead but does not look it`() async throws {
        try await plane.connect { dead in
            try await dead.hello("assistant", #","session_id":"s""#)
            // A session in which nothing was said goes with its connection.
            try await converse(plane, dead)
            try await plane.connect { wire in
                let refusal = try await wire.hello("assistant", #","session_id":"s""#)
                #expect(refusal["code"] == "session_in_use")
                plane.clock.advance(by: .seconds(5))
                let welcome = try await wire.hello("assistant", #","session_id":"s""#)
                #expect(welcome["resumed"] == true)
            }
            #expect(try await dead.end() == 4002)
        }
    }

    @Test func `takes no session from a connection that shows that it lives`() async throws {
        try await plane.connect { alive in
            try await alive.hello("assistant", #","session_id":"s""#)
            try await plane.connect { wire in
                for _ in 1...3 {
                    #expect(try await wire.hello("assistant", #","session_id":"s""#)["code"] == "session_in_use")
                    plane.clock.advance(by: .seconds(2))
                    try await alive.send(#"{"type":"ping"}"#)
                    #expect(try await alive.next()["type"] == "pong")
                    plane.clock.advance(by: .seconds(3))
                }
            }
        }
    }

    @Test func `is known to have what came before a ping that it answered`() async throws {
        try await plane.running {
            try await plane.connect { wire in
                try await wire.hello("assistant", #","session_id":"s""#)
                try await converse(plane, wire)
                await plane.clock.nextSleeper(count: 2)
                plane.clock.advance(by: .seconds(30))
                while case .text(let text)? = try await wire.connection.receive(), text != #"{"type":"ping"}"# {}
                try await wire.send(#"{"type":"pong"}"#)
                try await converse(plane, wire, "two")
            }
        }
        try await plane.connect { wire in
            let hello = try await wire.hello("assistant", #","session_id":"s""#)
            #expect(hello["sequence"] == 2)
            #expect(try await wire.next(2).map { $0["event"]?["sequence"] } == [3, 4])
        }
    }

    @Test func `may bring the name of a session that nobody knows`() async throws {
        try await plane.connect { wire in
            let hello = try await wire.hello("assistant", #","session_id":"my-own","since":7"#)
            #expect(hello["session_id"] == "my-own")
            #expect(hello["resumed"] == false)
            #expect(hello["cursor"] == 0)
        }
    }

    @Test func `does not get another agent's session`() async throws {
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s""#)
            try await converse(plane, wire)
        }
        try await plane.connect { wire in
            let refusal = try await wire.hello("streamer", #","session_id":"s""#)
            #expect(refusal["code"] == "auth_unauthorized")
            #expect(refusal["next_step"] == "reauthenticate")
            #expect(refusal["next"] == "start_new_session")
        }
    }

    @Test func `can't take a session from a client that is connected, unless it has the key`() async throws {
        try await plane.connect { first in
            let key = try #require(try await first.hello("assistant", #","session_id":"s""#)["resume_key"]?.string)
            try await plane.connect { thief in
                let refusal = try await thief.hello("assistant", #","session_id":"s""#)
                #expect(refusal["type"] == "hello_error")
                #expect(refusal["code"] == "session_in_use")
                #expect(
                    try await thief.hello("assistant", #","session_id":"s","resume_key":"guess""#)["code"]
                        == "session_in_use")
            }
            try await plane.connect { second in
                let hello = try await second.hello("assistant", #","session_id":"s","resume_key":"\#(key)""#)
                #expect(hello["resumed"] == true)
                // Both are the same person; neither loses anything.
                try await first.say("from the first")
                try await plane.reply("to both", to: await plane.hub.event())
                #expect(try await first.next(2)[1]["content"] == "to both")
                #expect(try await second.next(2)[1]["content"] == "to both")
                try await second.send(#"{"type":"leave"}"#)
                _ = try await second.next()
            }
            try await first.say("still here")
            #expect(try await first.next()["status"] == "accepted")
        }
    }

    @Test func `with a token only gets what that token opened`() async throws {
        var server = ServerSettings()
        server.scopedTokens = ["alice-0123456789", "bob-0123456789ab"].map {
            ScopedToken(token: Secret($0), scopes: [.read, .write])
        }
        let plane = TestPlane(server, store: store)
        try await plane.connect("/ws?token=alice-0123456789") { alice in
            let hello = try await alice.hello("assistant", #","session_id":"s""#)
            #expect(hello["resume_key"] == nil)
            try await converse(plane, alice)
        }
        try await plane.connect("/ws?token=bob-0123456789ab") { bob in
            let refusal = try await bob.hello("assistant", #","session_id":"s""#)
            #expect(refusal["code"] == "auth_unauthorized")
            #expect(refusal["next"] == "start_new_session")
        }
        try await plane.connect("/ws?token=alice-0123456789") { alice in
            let hello = try await alice.hello("assistant", #","session_id":"s","since":0"#)
            #expect(hello["resumed"] == true)
            #expect(try await alice.next(2).count == 2)
        }
    }

    @Test func `asks with a message it had sent, and it is not run again`() async throws {
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s""#)
            try await wire.say("queued while down", requestID: "fb3f9c")
            _ = try await wire.next()
            wire.connection.cut()
        }
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s","since":1"#)
            try await wire.say("queued while down", requestID: "fb3f9c")
            #expect(try await wire.next()["status"] == "duplicate")
            try await plane.reply("done", to: await plane.hub.event())
            #expect(try await wire.next()["content"] == "done")
        }
        #expect(plane.hub.accepted.count == 1)
    }

    @Test func `finds its session gone, where sessions are kept in memory and it took too long`() async throws {
        let plane = TestPlane(ServerSettings(reconnectTimeout: .seconds(60)), store: nil)
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s""#)
            try await converse(plane, wire)
        }
        plane.clock.advance(by: .seconds(59))
        try await plane.connect { wire in
            let hello = try await wire.hello("assistant", #","session_id":"s","since":2"#)
            #expect(hello["resumed"] == true)
        }
        plane.clock.advance(by: .seconds(61))
        try await plane.connect { wire in
            let hello = try await wire.hello("assistant", #","session_id":"s","since":2"#)
            #expect(hello["resumed"] == false)
        }
    }

    @Test func `finds its session gone after the resume window`() async throws {
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s""#)
            try await converse(plane, wire)
        }
        let later = TestPlane(store: store)
        later.clock.advance(by: .seconds(86_401))
        try await later.connect { wire in
            let hello = try await wire.hello("assistant", #","session_id":"s""#)
            #expect(hello["resumed"] == false)
        }
    }

    @Test func `that was away for too long is told by a snapshot`() async throws {
        let plane = TestPlane(session: SessionSettings(maxMessages: 4), store: store)
        plane.hub.setHistory([ChatMessage(.user, "1"), ChatMessage(.assistant, "echo: 1")])
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s""#)
            for number in 1...8 { try await converse(plane, wire, "\(number)") }
        }
        try await plane.connect { wire in
            try await wire.send(#"{"type":"join","agent_id":"assistant","session_id":"s","since":1}"#)
            let joined = try await wire.next()
            #expect(joined["resync_required"] == true)
            #expect(joined["cursor"] == 16)
            #expect(joined["oldest_cursor"]?.int ?? 0 > 2)
            let snapshot = try await wire.next()
            #expect(snapshot["type"] == "snapshot")
            #expect(snapshot["state"]?["event_cursor"] == 16)
            #expect(snapshot["state"]?["messages"]?.array?.map { $0["content"] } == ["1", "echo: 1"])
            #expect(snapshot["state"]?["messages"]?[0]?["sender_id"] == "user")
            try await converse(plane, wire, "and on")
        }
    }

    @Test func `reloads the page in the middle of a turn and misses nothing`() async throws {
        let key = try await plane.connect { wire in
            let hello = try await wire.hello("assistant", #","session_id":"s""#)
            try await converse(plane, wire)
            try await wire.say("two", requestID: "r-2")
            try await plane.stream(.text("to"), answering: await plane.hub.event(2))
            _ = try await wire.next(2)
            return hello["resume_key"]?.string ?? ""
        }
        plane.hub.setHistory([ChatMessage(.user, "one"), ChatMessage(.assistant, "echo: one")])
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s","since":4,"snapshot":true,"resume_key":"\#(key)""#)
            let snapshot = try await wire.next()
            #expect(snapshot["state"]?["messages"]?.array?.map { $0["content"] } == ["one", "echo: one", "two"])
            #expect(snapshot["state"]?["messages"]?[2]?["metadata"] == ["pending": true])
            #expect(snapshot["state"]?["event_cursor"] == 2)
            #expect(try await wire.next(2).map { $0["event"]?["sequence"] } == [3, 4])
        }
    }

    @Test func `is served although the store is out of order`() async throws {
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s""#)
            try await converse(plane, wire)
            try await wire.say("two")
            _ = try await wire.next()
            store.setBroken(true)
            let event = await plane.hub.event(2)
            // The outbox hears that the reply is not safe yet; the client has it already.
            await #expect(throws: ChannelError.self) { try await plane.reply("echo: two", to: event) }
            #expect(try await wire.next()["content"] == "echo: two")
            store.setBroken(false)
            try await plane.reply("echo: two", to: event)
            #expect(store.sessions["s"]?.frames.map(\.sequence) == [1, 2, 3, 4])
        }
    }
}
