import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonControlPlane

@Suite(.timeLimit(.minutes(1))) struct `events and broadcasts` {
    let plane = TestPlane()

    @Test func `reach a client with the capability, all six kinds of them`() async throws {
        try await plane.running {
            try await plane.connect { observer in
                let hello = try await observer.hello(capabilities: #""events""#)
                #expect(hello["features"]?["events"]?.array?.contains("heartbeat") == true)
                // Its own coming, once the plane listens.
                while !plane.hub.events.isHeard { await Task.yield() }
                try await plane.connect { other in
                    try await other.hello("streamer")
                    var kinds: Set<String> = []
                    // The observer may hear of its own coming first.
                    var connect: JSONValue
                    repeat {
                        connect = try await next(of: "connect", observer, &kinds)
                    } while connect["data"]?["agent_id"] != "streamer"
                    #expect(connect["source"] == connect["data"]?["client_id"])
                    #expect(connect["timestamp"]?.double ?? 0 > 1_767_000_000)
                    let message = InboundMessage(
                        id: "7", conversation: Conversation(channel: "house", id: "42", scope: .dm),
                        sender: Sender(id: "ada"), text: "hello")
                    plane.hub.events.publish(
                        GatewayEvent(message: message, id: "house/7", timestamp: Timestamp(seconds: 1)))
                    let heard = try await next(of: "message", observer, &kinds)
                    #expect(heard["data"]?["content"] == "hello")
                    #expect(heard["source"] == "house")
                    try await other.send(#"{"type":"broadcast","data":{"text":"hello all"}}"#)
                    let broadcast = try await next(of: "broadcast", observer, &kinds)
                    #expect(broadcast["data"] == ["text": "hello all"])
                    #expect(broadcast["target"] == .null)
                    plane.hub.events.publish(
                        GatewayEvent(
                            type: .error, payload: .fields(["message": "boom"]), id: "e-1",
                            timestamp: Timestamp(seconds: 1), source: "assistant"))
                    _ = try await next(of: "error", observer, &kinds)
                    plane.clock.advance(by: .seconds(30))
                    _ = try await next(of: "heartbeat", observer, &kinds)
                }
                var kinds: Set<String> = []
                #expect(try await next(of: "disconnect", observer, &kinds)["data"]?["agent_id"] == "streamer")
            }
        }
    }

    private func next(of kind: String, _ wire: Wire, _ kinds: inout Set<String>) async throws -> JSONValue {
        while true {
            let frame = try await wire.next()
            guard let type = frame["type"]?.string else { continue }
            kinds.insert(type)
            if type == kind { return frame }
        }
    }

    @Test func `a broadcast reaches every client, or an agent's clients`() async throws {
        try await plane.running {
            try await plane.connect { sender in
                try await sender.hello()
                try await plane.connect { receiver in
                    try await receiver.hello("streamer")
                    while !plane.hub.events.isHeard { await Task.yield() }
                    try await sender.send(#"{"type":"broadcast","data":{"n":1},"target":"streamer"}"#)
                    let acknowledgement = try await sender.next()
                    #expect(acknowledgement["type"] == "broadcast_ack")
                    #expect(acknowledgement["delivered"] == 1)
                    #expect(try await receiver.next()["data"] == ["n": 1])
                    try await sender.send(#"{"type":"broadcast","data":{"n":2}}"#)
                    #expect(try await receiver.next()["data"] == ["n": 2])
                    let own = try await sender.next(2)
                    #expect(Set(own.map { $0["type"] }) == ["broadcast", "broadcast_ack"])
                }
            }
        }
    }

    @Test func `a question is answered by the session it is put to`() async throws {
        try await plane.connect { wire in
            let session = try #require(try await wire.hello()["session_id"]?.string)
            async let answer = plane.plane.parts.requests.ask(
                .choice, "Which?", options: ["red", "blue"], session: session)
            let request = try await wire.next()
            #expect(request["type"] == "server_request")
            #expect(request["request"]?["options"] == ["red", "blue"])
            let id = try #require(request["request"]?["request_id"]?.string)
            try await wire.send(#"{"type":"server_reply","request_id":"\#(id)","value":"green"}"#)
            #expect(try await wire.next()["code"] == "invalid_value")
            try await plane.connect { other in
                try await other.hello()
                try await other.send(#"{"type":"server_reply","request_id":"\#(id)","value":"red"}"#)
                #expect(try await other.next()["code"] == "session_mismatch")
            }
            try await wire.send(#"{"type":"server_reply","request_id":"\#(id)","value":"blue"}"#)
            #expect(
                try await wire.next() == [
                    "type": "server_reply_ack", "request_id": .string(id), "status": "resolved",
                ])
            #expect(await answer == "blue")
        }
    }

    @Test func `an unanswered question is put again to a client that comes back, and ends in time`() async throws {
        try await plane.connect { wire in
            try await wire.hello("assistant", #","session_id":"s""#)
            async let answer = plane.plane.parts.requests.ask(.input, "Name?", session: "s")
            let first = try await wire.next()
            try await wire.hello("assistant", #","session_id":"s""#)
            #expect(try await wire.next() == first)
            await plane.clock.nextSleeper(count: 2)
            plane.clock.advance(by: .seconds(120))
            #expect(await answer == nil)
        }
    }
}
