import Logging
import PraisonCore
import PraisonSimulation
import Synchronization
import Testing

@testable import PraisonClient
@testable import PraisonControlPlane

@Suite(.timeLimit(.minutes(1))) struct `a gateway client` {
    let plane = TestPlane()
    let clock = VirtualClock()

    private func withClient<Value: Sendable>(
        _ configuration: GatewayClient.Configuration = .init(agent: "assistant"),
        over webSocket: (any WebSocketClient)? = nil,
        _ body: @escaping @Sendable (GatewayClient) async throws -> Value
    ) async throws -> Value {
        try await GatewayClient.withClient(
            configuration, webSocket: webSocket ?? InMemoryWebSocketClient(plane.plane), clock: clock,
            entropy: SeededEntropy(seed: 5), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, body)
    }

    @Test func `asks and gets the reply`() async throws {
        let reply = try await withClient { client in
            async let reply = client.ask("hello")
            try await plane.reply("hello to you", to: await plane.hub.event())
            return try await reply
        }
        #expect(reply.text == "hello to you")
        #expect(reply.isOK)
    }

    @Test func `hears a turn part by part`() async throws {
        let heard = try await withClient { client in
            let id = try await client.send("hi")
            let event = await plane.hub.event()
            #expect(event.id.rawValue.hasSuffix(id))
            try await plane.stream(.reasoning("hm"), .text("a"), .text("b"), answering: event)
            try await plane.reply("ab", to: event)
            var heard: [GatewayClient.Event] = []
            for await event in client.events {
                heard.append(event)
                if case .reply = event { break }
            }
            return heard
        }
        guard case .connected(_, false) = heard.first, case .accepted(_?, false) = heard[1] else {
            Issue.record("began with \(heard.prefix(2))")
            return
        }
        #expect(Array(heard[2...5]) == [.reasoning("hm"), .text("a"), .text("b"), .streamEnded])
    }

    @Test func `comes back after a lost connection and gets what it missed, once`() async throws {
        let cable = Cable(InMemoryWebSocketClient(plane.plane))
        try await withClient(over: cable) { client in
            var events = client.events.makeAsyncIterator()
            try await client.send("one")
            let first = await plane.hub.event()
            #expect(await events.next().map { "\($0)" }?.hasPrefix("connected") == true)
            _ = await events.next()
            cable.pull()
            guard case .disconnected(_, let wait)? = await events.next() else {
                Issue.record("did not notice")
                return
            }
            #expect(wait >= .milliseconds(800) && wait <= .milliseconds(1200))
            try await plane.reply("meanwhile", to: first)
            // Sent while there is no connection: it waits.
            try await client.send("two", requestID: "r-2")
            await clock.nextSleeper()
            clock.advance(by: wait)
            guard case .connected(_, true)? = await events.next(), case .reply(let reply)? = await events.next() else {
                Issue.record("did not resume")
                return
            }
            #expect(reply.text == "meanwhile")
            #expect(await events.next() == .accepted(requestID: "r-2", isQueued: false))
            #expect(await plane.hub.event(2).message?.text == "two")
        }
        #expect(plane.hub.accepted.count == 2)
    }

    @Test func `gives up where trying again is useless, and says why`() async throws {
        await #expect(
            throws: GatewayClientError.refused(
                code: "agent_not_found", message: "Agent not found: nobody; there are: assistant, streamer",
                nextStep: "do_not_retry")
        ) {
            try await withClient(.init(agent: "nobody")) { try await $0.ask("hello") }
        }
        let guarded = TestPlane(ServerSettings(authToken: Secret("correct-horse-battery")))
        let error = await #expect(throws: GatewayClientError.self) {
            try await withClient(over: InMemoryWebSocketClient(guarded.plane)) { try await $0.ask("hello") }
        }
        #expect(error?.description.contains("auth_required") == true)
        let token = Secret("correct-horse-battery")
        let session = try await withClient(
            .init(agent: "assistant", token: token), over: InMemoryWebSocketClient(guarded.plane)
        ) { client in
            for await event in client.events { if case .connected(let session, _) = event { return session } }
            return ""
        }
        #expect(!session.isEmpty)
    }

    @Test func `starts a new session when its own was given to somebody else`() async throws {
        try await plane.connect { wire in
            try await wire.hello("streamer", #","session_id":"s""#)
            try await wire.say("kept")
            _ = try await wire.next()
        }
        try await withClient(.init(agent: "assistant", session: "s")) { client in
            var events = client.events.makeAsyncIterator()
            guard case .sessionLost? = await events.next(), case .disconnected(_, let wait)? = await events.next()
            else {
                Issue.record("kept the session")
                return
            }
            await clock.nextSleeper()
            clock.advance(by: wait)
            guard case .connected(let session, false)? = await events.next() else {
                Issue.record("no new session")
                return
            }
            #expect(session != "s")
        }
    }

    @Test func `tells who asks that the turn was stopped`() async throws {
        plane.hub.setStopResult(StoppedTurns(turnAborted: true, pendingCancelled: 0))
        try await withClient { client in
            _ = await #expect(throws: GatewayClientError.aborted) {
                async let reply = client.ask("think for an hour")
                for await event in client.events { if case .accepted = event { break } }
                await client.abort()
                return try await reply
            }
        }
    }

    @Test(arguments: [(" ", "empty_message"), ("hello", "insufficient_scope")])
    func `tells who asks that the message is refused`(text: String, code: String) async throws {
        var server = ServerSettings()
        let token = Secret("only-looking-0123456789")
        server.scopedTokens = [ScopedToken(token: token, scopes: code == "empty_message" ? [.write] : [.read])]
        let plane = TestPlane(server)
        try await withClient(
            .init(agent: "assistant", token: token), over: InMemoryWebSocketClient(plane.plane)
        ) { client in
            let error = await #expect(throws: GatewayClientError.self) { try await client.ask(text) }
            guard case .refused(code, _, _) = error else {
                Issue.record("threw \(String(describing: error))")
                return
            }
            #expect(await client.outbox.entries.isEmpty)
        }
    }

    @Test func `sends again later what comes too fast, or in a moment in which nothing is taken`() async throws {
        var server = ServerSettings()
        server.messageRate = 1
        server.messageBurst = 2
        let plane = TestPlane(server)
        try await withClient(over: InMemoryWebSocketClient(plane.plane)) { client in
            try await client.send("one")
            _ = await plane.hub.event()
            async let two = client.ask("two")
            // The heartbeat, and the message that waits.
            await clock.nextSleeper(count: 2)
            plane.hub.setDraining()
            plane.clock.advance(by: .seconds(1))
            clock.advance(by: .seconds(1))
            await clock.nextSleeper(count: 2)
            plane.hub.setDraining(false)
            plane.clock.advance(by: .seconds(5))
            clock.advance(by: .seconds(5))
            try await plane.reply("at last", to: await plane.hub.event(2))
            #expect(try await two.text == "at last")
        }
    }

    @Test func `stops what runs now, and never again after a reconnection`() async throws {
        let cable = Cable(InMemoryWebSocketClient(plane.plane))
        try await withClient(over: cable) { client in
            var events = client.events.makeAsyncIterator()
            while let event = await events.next() { if case .connected = event { break } }
            await #expect(throws: GatewayClientError.aborted) { try await client.ask("stop") }
            #expect(plane.hub.stops.count == 1)
            cable.pull()
            var wait: Duration?
            while wait == nil, let event = await events.next() {
                if case .disconnected(_, let pause) = event { wait = pause }
            }
            await #expect(throws: GatewayClientError.aborted) { try await client.ask("/Stop all ") }
            await clock.nextSleeper()
            clock.advance(by: wait ?? .zero)
            try await client.send("and now?")
            #expect(await plane.hub.event().message?.text == "and now?")
        }
        #expect(plane.hub.stops.count == 1)
    }

    @Test(arguments: [true, false])
    func `asks for the conversation when more was missed than is kept`(isRemembered: Bool) async throws {
        let plane = TestPlane(session: SessionSettings(maxMessages: 2))
        let cable = Cable(InMemoryWebSocketClient(plane.plane))
        let result = try await withClient(over: cable) { client in
            var events = client.events.makeAsyncIterator()
            async let answer = client.ask("one")
            let event = await plane.hub.event()
            while let heard = await events.next() { if case .accepted = heard { break } }
            cable.pull()
            var wait: Duration?
            while wait == nil, let event = await events.next() {
                if case .disconnected(_, let pause) = event { wait = pause }
            }
            try await plane.reply("answer one", to: event)
            let conversation = try #require(event.message?.conversation)
            for number in 1...4 {
                let note = OutboundMessage(key: "note/\(number)", conversation: conversation, text: "by the way")
                _ = try await plane.plane.adapter.send(note)
            }
            if isRemembered {
                plane.hub.setHistory([ChatMessage(.user, "one"), ChatMessage(.assistant, "answer one")])
            }
            await clock.nextSleeper()
            clock.advance(by: wait ?? .zero)
            do { return Result<String, any Error>.success(try await answer.text) } catch { return .failure(error) }
        }
        if isRemembered {
            #expect(try result.get() == "answer one")
        } else {
            #expect(throws: GatewayClientError.replyLost) { try result.get() }
        }
    }

    @Test func `bounds what waits for a connection`() async throws {
        let nowhere = Cable(InMemoryWebSocketClient(plane.plane))
        nowhere.pull()
        try await withClient(.init(agent: "assistant", outboxLimit: 2), over: nowhere) { client in
            try await client.send("one")
            try await client.send("two")
            await #expect(throws: GatewayClientError.outboxFull(limit: 2)) { try await client.send("three") }
        }
    }

    @Test func `does not send what the gateway would not take`() async throws {
        var server = ServerSettings()
        server.maxPayload = 500
        let plane = TestPlane(server)
        try await withClient(over: InMemoryWebSocketClient(plane.plane)) { client in
            for await event in client.events { if case .connected = event { break } }
            await #expect(throws: GatewayClientError.self) { try await client.send(String(repeating: "x", count: 500)) }
            try await client.send("short")
            #expect(await plane.hub.event().message?.text == "short")
        }
    }

    @Test func `doubles its waits, with jitter, up to a limit`() {
        let backoff = Backoff()
        #expect(
            (1...8).map { backoff.wait(beforeRetry: $0, fraction: 0.5) }
                == [1, 2, 4, 8, 16, 30, 30, 30].map { .seconds($0) })
        #expect(backoff.wait(beforeRetry: 1, fraction: 0) == .milliseconds(800))
        #expect(backoff.wait(beforeRetry: 1, fraction: 0.5, floor: .seconds(60)) == .seconds(60))
    }
}

/// A way to the gateway that can be cut and is whole again at the next try.
private final class Cable: WebSocketClient {
    private let client: InMemoryWebSocketClient
    private let state = Mutex<(connection: InMemoryWebSocket?, isPulled: Bool)>((nil, false))

    init(_ client: InMemoryWebSocketClient) { self.client = client }

    /// Cuts the connection, or the next one.
    func pull() {
        let connection = state.withLock { state in
            if state.connection == nil { state.isPulled = true }
            return state.connection
        }
        connection?.cut()
    }

    func connect<Value: Sendable>(
        to url: String, headers: HTTPHeaders, limits: WebSocketLimits,
        _ body: @Sendable (any WebSocketConnection) async throws -> Value
    ) async throws -> Value {
        try await client.connect(to: url, headers: headers, limits: limits) { connection in
            let isPulled = state.withLock { state in
                state.connection = connection as? InMemoryWebSocket
                defer { state.isPulled = false }
                return state.isPulled
            }
            if isPulled { (connection as? InMemoryWebSocket)?.cut() }
            return try await body(connection)
        }
    }
}
