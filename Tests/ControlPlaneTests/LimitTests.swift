import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonControlPlane

@Suite(.timeLimit(.minutes(1))) struct `limits that hold` {
    /// Settings with `change` made to them.
    private func server(_ change: (inout ServerSettings) -> Void) -> ServerSettings {
        var server = ServerSettings()
        change(&server)
        return server
    }

    @Test func `max_connections: one client more is told to come later`() async throws {
        let plane = TestPlane(server { $0.maxConnections = 1 })
        try await plane.connect { first in
            try await first.hello()
            try await plane.connect { second in
                let refusal = try await second.next()
                #expect(refusal["code"] == "rate_limited")
                #expect(refusal["retry_after_seconds"] == 5)
                #expect(try await second.end() == 1013)
            }
        }
        let later = try await plane.connect { try await $0.hello()["type"] }
        #expect(later == "hello_ok")
    }

    @Test func `max_sessions_per_agent: those that left make room, those that are there do not`() async throws {
        let plane = TestPlane(server { $0.maxSessionsPerAgent = 2 })
        try await plane.connect { first in
            try await first.hello()
            try await plane.connect { second in
                try await second.hello()
                try await second.say("so that something is kept")
                _ = try await second.next()
                try await plane.reply("yes", to: await plane.hub.event())
                _ = try await second.next()
                try await plane.connect { third in
                    let refusal = try await third.hello()
                    #expect(refusal["code"] == "rate_limited")
                    #expect(try await third.hello("streamer")["type"] == "hello_ok")
                }
            }
            let later = try await plane.connect { try await $0.hello()["type"] }
            #expect(later == "hello_ok")
        }
    }

    @Test func `heartbeat_interval: a silent client is closed, an answering one is not`() async throws {
        let plane = TestPlane(server { $0.heartbeatInterval = .seconds(1) })
        try await plane.running {
            try await plane.connect { answering in
                try await answering.hello()
                try await plane.connect { silent in
                    try await silent.hello()
                    // Two hello timeouts and the heartbeat sleep.
                    for _ in 1...2 {
                        await plane.clock.nextSleeper(count: 3)
                        try await answering.send(#"{"type":"ping"}"#)
                        _ = try await answering.next()
                        plane.clock.advance(by: .seconds(1))
                    }
                    #expect(try await silent.end() == 4002)
                }
                try await answering.send(#"{"type":"ping"}"#)
                #expect(try await answering.next()["type"] == "pong")
            }
        }
    }

    @Test func `handshake_timeout: a client that says nothing is closed`() async throws {
        let plane = TestPlane(server { $0.handshakeTimeout = .seconds(3) })
        let code = try await plane.connect { wire in
            await plane.clock.nextSleeper()
            plane.clock.advance(by: .seconds(3))
            return try await wire.end()
        }
        #expect(code == 1008)
        try await plane.connect { wire in
            try await wire.hello()
            plane.clock.advance(by: .seconds(3))
            try await wire.send(#"{"type":"ping"}"#)
            #expect(try await wire.next()["type"] == "pong")
        }
    }

    @Test func `max_payload: a larger frame closes the connection`() async throws {
        let plane = TestPlane(server { $0.maxPayload = 200 })
        try await plane.connect { wire in
            try await wire.hello()
            try await wire.say(String(repeating: "x", count: 200))
            #expect(try await wire.end() == 1009)
        }
        #expect(plane.hub.accepted.isEmpty)
    }

    @Test func `message_rate: what comes too fast is refused, with the time to wait`() async throws {
        let plane = TestPlane(
            server {
                $0.messageRate = 2
                $0.messageBurst = 3
            })
        try await plane.connect { wire in
            try await wire.hello()
            for _ in 1...2 {
                try await wire.say("x")
                #expect(try await wire.next()["status"] == "accepted")
            }
            try await wire.say("x")
            let refusal = try await wire.next()
            #expect(refusal["code"] == "rate_limited")
            #expect(refusal["retry_after_seconds"] == 0.5)
            plane.clock.advance(by: .milliseconds(500))
            try await wire.say("x")
            #expect(try await wire.next()["status"] == "accepted")
        }
        #expect(plane.hub.accepted.count == 3)
    }

    @Test func `message_rate: rubbish counts, and who is refused is told which message`() async throws {
        let plane = TestPlane(
            server {
                $0.messageRate = 1
                $0.messageBurst = 3
            })
        try await plane.connect { wire in
            try await wire.hello()
            try await wire.send("rubbish")
            #expect(try await wire.next()["code"] == "invalid_json")
            try await wire.send(#"{"type":"ping"}"#)
            #expect(try await wire.next()["type"] == "pong")
            try await wire.say("x", requestID: "r-1")
            let refusal = try await wire.next()
            #expect(refusal["code"] == "rate_limited")
            #expect(refusal["request_id"] == "r-1")
            try await wire.send(#"{"type":"ping"}"#)
            #expect(try await wire.next()["code"] == "rate_limited")
        }
        #expect(plane.hub.accepted.isEmpty)
    }

    @Test func `max_unauthorized_frames: who goes on asking for what is forbidden is closed`() async throws {
        let plane = TestPlane(
            server {
                $0.scopedTokens = [ScopedToken(token: Secret("only-looking-0123456789"), scopes: [.read])]
                $0.maxUnauthorizedFrames = 3
            })
        try await plane.connect("/ws?token=only-looking-0123456789") { wire in
            try await wire.hello()
            for number in 1...2 {
                try await wire.say("x", requestID: "r-\(number)")
                let refusal = try await wire.next()
                #expect(refusal["code"] == "insufficient_scope")
                #expect(refusal["request_id"] == .string("r-\(number)"))
            }
            try await wire.say("x", requestID: "r-3")
            #expect(try await wire.end() == 4028)
        }
    }

    @Test func `max_admin_calls_per_minute: another machine may change only so much`() async {
        let plane = TestPlane(
            server {
                $0.authToken = Secret("correct-horse-battery")
                $0.maxAdminCallsPerMinute = 2
            })
        let headers: HTTPHeaders = ["Host": "gateway", "Authorization": "Bearer correct-horse-battery"]
        func pause(from peer: String) async -> Int {
            await plane.post("/api/channels/house/pause", headers: headers, peer: peer).status
        }
        for _ in 1...2 { #expect(await pause(from: "203.0.113.9") == 200) }
        #expect(await pause(from: "203.0.113.9") == 429)
        #expect(await pause(from: "203.0.113.10") == 200)
        plane.clock.advance(by: .seconds(60))
        #expect(await pause(from: "203.0.113.9") == 200)
    }

    @Test func `max_inbox: more messages than may wait are rejected, by name`() async throws {
        var session = SessionSettings()
        session.maxInbox = 2
        let plane = TestPlane(session: session)
        try await plane.connect { wire in
            try await wire.hello()
            for _ in 1...2 {
                try await wire.say("x")
                #expect(try await wire.next()["status"] == "accepted")
            }
            try await wire.say("x", requestID: "r-3")
            let answer = try await wire.next()
            #expect(answer["status"] == "final")
            #expect(answer["request_id"] == "r-3")
            #expect(answer["outcome"]?["status"] == "rejected")
            #expect(answer["outcome"]?["error"]?["retryable"] == true)
            try await plane.reply("room again", to: await plane.hub.event())
            _ = try await wire.next()
            try await wire.say("x", requestID: "r-3")
            #expect(try await wire.next()["status"] == "accepted")
        }
    }

    @Test(arguments: [(20, 1 << 20), (1000, 4000)])
    func `max_queued_frames, max_buffered_bytes: a slow client is closed and costs others nothing`(
        frames: Int, bytes: Int
    ) async throws {
        let plane = TestPlane(
            server {
                $0.maxQueuedFrames = frames
                $0.maxBufferedBytes = bytes
            })
        try await plane.connect { slow in
            try await slow.hello()
            try await slow.say("a long answer, please")
            let event = await plane.hub.event()
            try await plane.connect { other in
                try await other.hello()
                // The client reads nothing: what the connection holds fills up, then the bound is reached.
                for number in 0..<(InMemoryWebSocket.capacity + 200) {
                    // In turn, because words that follow each other may become one frame.
                    let isThought = number.isMultiple(of: 2)
                    try await plane.stream(
                        isThought ? .reasoning("hm \(number)") : .text("word \(number)"), answering: event)
                }
                try await other.say("and me?")
                try await plane.reply("at once", to: await plane.hub.event(2))
                #expect(try await other.next(2)[1]["content"] == "at once")
            }
            #expect(try await slow.end() == 1013)
        }
    }

    @Test func `max_buffered_bytes: one reply may be larger`() async throws {
        let plane = TestPlane(server { $0.maxBufferedBytes = 2000 })
        let long = String(repeating: "x", count: 10_000)
        try await plane.connect { wire in
            try await wire.hello()
            try await wire.say("write a book")
            try await plane.reply(long, to: await plane.hub.event())
            #expect(try await wire.next(2)[1]["content"] == .string(long))
        }
    }

    @Test func `a client that says hello for ever leaves nothing behind`() async throws {
        let plane = TestPlane()
        try await plane.connect { wire in
            for _ in 1...100 { try await wire.hello() }
            #expect(await plane.plane.parts.sessions.count == 1)
        }
        #expect(await plane.plane.parts.sessions.count == 0)
    }
}
