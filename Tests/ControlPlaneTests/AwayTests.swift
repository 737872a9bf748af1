import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonControlPlane

@Suite(.timeLimit(.minutes(1))) struct `replies finished while nobody listens` {
    let store = MemorySessionStore()
    /// Keeps few messages: that a reply is made of many frames is to cost no message.
    private var plane: TestPlane { TestPlane(session: SessionSettings(maxMessages: 10), store: store) }

    /// Says so many messages, named r-1 and on, and hears that they are taken.
    private func ask(_ count: Int, _ wire: Wire) async throws {
        for number in 1...count {
            try await wire.say("question \(number)", requestID: "r-\(number)")
            #expect(try await wire.next()["status"] == "accepted")
        }
    }

    /// The finals among the replays, by the names of their requests, and how many frames it took.
    private func finals(_ count: Int, _ wire: Wire) async throws -> (names: [JSONValue?], frames: Int, words: Int) {
        var (names, frames, words): ([JSONValue?], Int, Int) = ([], 0, 0)
        while names.count < count {
            let data = try await wire.next()["event"]?["data"]
            frames += 1
            words += data?["data"]?["content"]?.string?.split(separator: " ").count ?? 0
            if data?["status"] == "final" { names.append(data?["request_id"]) }
        }
        return (names, frames, words)
    }

    @Test(arguments: [(words: 1500, frames: 15, heard: 7500), (words: 15_000, frames: 10, heard: 0)])
    func `are all there, into however many words they were streamed`(
        words: Int, frames: Int, heard: Int
    ) async throws {
        let plane = plane
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s""#)
            try await ask(5, wire)
        }
        for number in 1...5 {
            let event = await plane.hub.event(number)
            for _ in 1...words { try await plane.stream(.text("word "), answering: event) }
            try await plane.reply("answer \(number)", to: event)
        }
        try await plane.connect { wire in
            let hello = try await wire.hello("assistant", #","session_id":"s","since":5"#)
            #expect(hello["resync_required"] == nil)
            let replies = try await finals(5, wire)
            #expect(replies.names == (1...5).map { .string("r-\($0)") })
            // What was streamed of a long reply is only in the reply.
            #expect(replies.words == heard)
            #expect(replies.frames == frames)
        }
    }

    @Test func `are there for a client that was too slow to be kept`() async throws {
        var server = ServerSettings()
        server.maxQueuedFrames = 50
        server.maxBufferedBytes = 4000
        let plane = TestPlane(server, session: SessionSettings(maxMessages: 10), store: store)
        try await plane.connect { slow in
            try await slow.hello("assistant", #","session_id":"s""#)
            try await ask(3, slow)
            for number in 1...3 {
                let event = await plane.hub.event(number)
                for _ in 1...(InMemoryWebSocket.capacity / 2 + 100) {
                    // In turn, because words that follow each other may become one frame.
                    try await plane.stream(.reasoning("hm "), .text("word "), answering: event)
                }
                try await plane.reply("answer \(number)", to: event)
            }
            #expect(try await slow.end() == 1013)
        }
        try await plane.connect { wire in
            let hello = try await wire.hello("assistant", #","session_id":"s","since":3"#)
            #expect(hello["resync_required"] == nil)
            let heard = try await finals(3, wire)
            #expect(heard.names == ["r-1", "r-2", "r-3"])
        }
    }

    @Test func `go on growing for a client that comes back in the middle`() async throws {
        let plane = plane
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s""#)
            try await ask(1, wire)
        }
        let event = await plane.hub.event()
        try await plane.stream(.reasoning("hm"), .text("a"), .text("b"), answering: event)
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s","since":1"#)
            let replays = try await wire.next(2).map { $0["event"]?["data"] }
            #expect(replays.map { $0?["type"] } == ["reasoning_stream", "token_stream"])
            #expect(replays[1]?["data"]?["content"] == "ab")
            try await plane.stream(.text("c"), answering: event)
            #expect(try await wire.next()["data"]?["content"] == "c")
        }
    }

    @Test func `begin anew where a gateway that was started anew tells them from the beginning`() async throws {
        let plane = plane
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s""#)
            try await ask(1, wire)
            try await plane.stream(.text("al"), answering: await plane.hub.event())
            #expect(try await wire.next()["type"] == "token_stream")
        }
        let interrupted = await plane.hub.event()
        let next = TestPlane(store: store, seed: 2)
        try await next.stream(.text("al"), .text("l"), answering: interrupted)
        try await next.reply("all", to: interrupted)
        try await next.connect { wire in
            try await wire.hello("assistant", #","session_id":"s","since":2"#)
            let replays = try await wire.next(4).map { $0["event"]?["data"] }
            #expect(replays.map { $0?["type"] } == ["retry_stream", "token_stream", "stream_end", "response"])
            #expect(replays[0]?["data"]?["metadata"] == ["reason": "restart"])
            #expect(replays[1]?["data"]?["content"] == "all")
        }
    }
}

@Suite struct `a session's log` {
    private func append(_ count: Int, to log: inout SessionLog, key: String? = nil, received: Int64 = 0) {
        for number in 0..<count {
            log.append(
                ServerFrame("x_stream"), eventID: "e", at: Timestamp(seconds: 0), target: nil,
                key: key.map { "\($0)/\(number)" }, received: received)
        }
    }

    @Test func `keeps frames that the client may not have, and lets go of old ones that it has`() {
        var log = SessionLog(limits: .init(messages: 10, bytes: 1 << 20))
        append(1000, to: &log)
        #expect(log.oldest == 1)
        append(1, to: &log, received: 500)
        #expect(log.oldest == 501)
        #expect(log.droppedThrough == 500)
    }

    @Test func `counts messages, not frames`() {
        var log = SessionLog(limits: .init(messages: 10, bytes: 1 << 20))
        for number in 1...12 {
            append(100, to: &log)
            append(1, to: &log, key: "\(number)")
        }
        #expect(log.oldest == 1)
        append(1, to: &log, key: "13")
        #expect(log.contains(key: "4/0") && !log.contains(key: "3/0"))
    }

    @Test func `takes only so much memory, whatever the client has`() {
        var log = SessionLog(limits: .init(messages: 10, bytes: 1 << 20, unreceivedBytes: 100_000))
        append(10_000, to: &log)
        #expect(log.frames(after: 0, limit: .max).count < 500)
        #expect(log.head == 10_000)
    }
}
