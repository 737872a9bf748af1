import PraisonControlPlane
import PraisonCore
import PraisonSimulation
import Testing

@Suite(.timeLimit(.minutes(1))) struct `a conversation over the wire` {
    let plane = TestPlane()

    @Test func `begins with hello`() async throws {
        try await plane.connect { wire in
            let answer = try await wire.hello()
            #expect(answer["type"] == "hello_ok")
            #expect(answer["protocol"] == 1)
            #expect(answer["resumed"] == false)
            #expect(answer["cursor"] == 0)
            #expect(answer["session_id"]?.string?.count == 36)
            #expect(answer["policy"]?["max_payload"] == 1_048_576)
            #expect(answer["policy"]?["heartbeat_ms"] == 30_000)
            #expect(answer["features"]?["events"]?.array?.contains("token_stream") == true)
        }
    }

    @Test func `acknowledges a message once it is journalled, then gives the reply`() async throws {
        try await plane.connect { wire in
            let session = try #require(try await wire.hello()["session_id"])
            try await wire.say("hello there friend", requestID: "r-1")
            #expect(
                try await wire.next() == [
                    "type": "response", "status": "accepted", "content": "Started processing.", "session_id": session,
                    "request_id": "r-1", "cursor": 1, "seq": 1,
                ])
            let event = await plane.hub.event()
            #expect(event.message?.text == "hello there friend")
            #expect(event.target == "assistant")
            try await plane.reply("echo: hello there friend", to: event)
            #expect(
                try await wire.next() == [
                    "type": "response", "status": "final", "content": "echo: hello there friend",
                    "outcome": ["status": "ok"], "session_id": session, "request_id": "r-1", "cursor": 2, "seq": 2,
                ])
        }
    }

    @Test func `shows the reply while it grows`() async throws {
        try await plane.connect { wire in
            let session = try #require(try await wire.hello("streamer")["session_id"])
            try await wire.say("hi")
            let event = await plane.hub.event()
            try await plane.stream(.reasoning("hm"), .text("echo:"), .text(" hi"), answering: event)
            try await plane.reply("echo: hi", to: event)
            let frames = try await wire.next(6)
            #expect(
                frames.map { $0["type"] } == [
                    "response", "reasoning_stream", "token_stream", "token_stream", "stream_end", "response",
                ])
            #expect(frames.map { $0["seq"]?.int } == [1, 2, 3, 4, 5, 6])
            #expect(frames[2]["data"] == ["content": "echo:", "session_id": session])
            #expect(frames[2]["source"] == "streamer")
            #expect(frames[5]["content"] == "echo: hi")
        }
    }

    @Test func `says that a message waits while a turn is running`() async throws {
        try await plane.connect { wire in
            try await wire.hello()
            try await wire.say("first")
            _ = try await wire.next()
            let conversation = try #require(await plane.hub.event().message?.conversation)
            plane.hub.setBusy(conversation)
            try await wire.say("second")
            let (status, accepted) = (try await wire.next(), try await wire.next())
            #expect(status["type"] == "status")
            #expect(accepted["content"] == "Message queued.")
        }
    }

    @Test func `never calls a failed turn ok`() async throws {
        try await plane.connect { wire in
            try await wire.hello()
            try await wire.say("x")
            let event = await plane.hub.event()
            try await plane.reply(
                "Too much is going on right now.", to: event,
                outcome: TurnOutcome(.failed, reason: "429", errorKind: .rateLimit, retryAfterSeconds: 7))
            let final = try await wire.next(2)[1]
            #expect(final["outcome"]?["status"] == "error")
            #expect(final["outcome"]?["error"]?["code"] == "rate_limit")
            #expect(final["outcome"]?["error"]?["retryable"] == true)
            #expect(final["outcome"]?["error"]?["retry_after_seconds"] == 7)
            #expect(final["content"] == "Too much is going on right now.")
        }
    }

    @Test func `stops a turn at once, and drops what it still says`() async throws {
        try await plane.connect { wire in
            let session = try #require(try await wire.hello()["session_id"])
            try await wire.say("think for an hour")
            let event = await plane.hub.event()
            try await plane.stream(.text("well"), answering: event)
            _ = try await wire.next(2)
            plane.hub.setStopResult(StoppedTurns(turnAborted: true, pendingCancelled: 0, events: [event.id]))
            try await wire.send(#"{"type":"abort","reason":"user"}"#)
            #expect(try await wire.next()["type"] == "stream_end")
            #expect(
                try await wire.next() == [
                    "type": "aborted", "session_id": session, "scope": "turn", "turn_aborted": true,
                    "pending_cancelled": 0,
                ])
            try await plane.stream(.text(", let me see"), answering: event)
            try await wire.send(#"{"type":"ping"}"#)
            #expect(try await wire.next()["type"] == "pong")
        }
    }

    @Test func `names what an abort ends, and says it again to whoever asks`() async throws {
        try await plane.connect { wire in
            try await wire.hello()
            for name in ["r-1", "r-2"] {
                try await wire.say(name, requestID: name)
                _ = try await wire.next()
            }
            let (first, second) = (await plane.hub.event(1), await plane.hub.event(2))
            plane.hub.setStopResult(
                StoppedTurns(turnAborted: true, pendingCancelled: 1, events: [first.id, second.id]))
            try await wire.send(#"{"type":"abort","scope":"session"}"#)
            let aborted = try await wire.next()
            #expect(aborted["type"] == "aborted")
            #expect(aborted["request_ids"] == ["r-1", "r-2"])
            // It had come to its end when it was stopped.
            try await plane.reply("too late", to: first)
            plane.hub.setOutcome(TurnOutcome(.stopped), of: second.id)
            try await wire.say("r-2", requestID: "r-2")
            let answer = try await wire.next()
            #expect(answer["status"] == "duplicate")
            #expect(answer["outcome"] == ["status": "aborted"])
        }
    }

    @Test(arguments: [("/stop", "turn", false), ("STOP", "turn", false), ("/stop all", "session", true)])
    func `understands stop as a word`(word: String, scope: String, queued: Bool) async throws {
        try await plane.connect { wire in
            try await wire.hello()
            try await wire.say(word, requestID: "r-1")
            let answer = try await wire.next()
            #expect(answer["type"] == "no_active_turn")
            #expect(answer["request_id"] == "r-1")
            #expect(answer["scope"]?.string == scope)
            #expect(plane.hub.stops.map(\.1) == [queued])
        }
    }

    @Test func `is one person's on every connection with the same token, and nobody else's`() async throws {
        var server = ServerSettings()
        server.scopedTokens = ["alice-0123456789", "bob-0123456789ab"].map {
            ScopedToken(token: Secret($0), scopes: [.read, .write])
        }
        let plane = TestPlane(server)
        for token in ["alice-0123456789", "alice-0123456789", "bob-0123456789ab"] {
            try await plane.connect("/ws?token=\(token)") { wire in
                try await wire.hello()
                try await wire.say("hello")
                _ = try await wire.next()
            }
        }
        let people = plane.hub.accepted.compactMap(\.message?.sender.id)
        #expect(people.count == 3 && people[0] == people[1] && people[1] != people[2])
        #expect(!people.contains { $0.rawValue.contains("alice") })
        try await self.plane.connect { wire in
            try await wire.hello()
            try await wire.say("hello")
            #expect(await self.plane.hub.event().message?.sender.id == "local")
        }
    }

    @Test func `ends with leave, and the session can be taken up again`() async throws {
        try await plane.connect { wire in
            let session = try #require(try await wire.hello()["session_id"]?.string)
            try await wire.say("one")
            _ = try await wire.next()
            try await wire.send(#"{"type":"leave"}"#)
            #expect(try await wire.next() == ["type": "left", "session_id": .string(session)])
            try await wire.say("two")
            #expect(try await wire.next() == ["type": "error", "message": "Not joined to any session"])
            let again = try await wire.hello("assistant", #","session_id":"\#(session)","since":1"#)
            #expect(again["resumed"] == true)
            #expect(again["cursor"] == 1)
        }
    }

    @Test func `runs a message once, however often it is sent`() async throws {
        try await plane.connect { wire in
            try await wire.hello()
            try await wire.say("idem", requestID: "r-1")
            try await plane.reply("once", to: await plane.hub.event())
            _ = try await wire.next(2)
            try await wire.say("idem", requestID: "r-1")
            let answer = try await wire.next()
            #expect(answer["status"] == "duplicate")
            #expect(answer["request_id"] == "r-1")
            #expect(plane.hub.accepted.count == 1)
        }
    }

    @Test func `sends a reply once, though the outbox repeats it`() async throws {
        try await plane.connect { wire in
            try await wire.hello()
            try await wire.say("x")
            let event = await plane.hub.event()
            let first = try await plane.reply("y", to: event)
            let second = try await plane.reply("y", to: event)
            #expect(first.id == second.id)
            _ = try await wire.next(2)
            try await wire.send(#"{"type":"ping"}"#)
            #expect(try await wire.next()["type"] == "pong")
        }
    }

    @Test func `tells a client that the gateway takes nothing now`() async throws {
        try await plane.connect { wire in
            try await wire.hello()
            plane.hub.setDraining()
            try await wire.say("x", requestID: "r-9")
            let answer = try await wire.next()
            #expect(answer["type"] == "error")
            #expect(answer["code"] == "unavailable")
            #expect(answer["request_id"] == "r-9")
            #expect(answer["retry_after_seconds"] == 5)
        }
    }

    @Test func `hears that the gateway stops, and still gets its reply`() async throws {
        try await plane.connect { wire in
            try await wire.hello()
            try await wire.say("x")
            let event = await plane.hub.event()
            _ = try await wire.next()
            plane.plane.sayGoodbye()
            #expect(try await wire.next()["source"] == "gateway")
            try await plane.reply("y", to: event)
            #expect(try await wire.next()["content"] == "y")
        }
    }
}
