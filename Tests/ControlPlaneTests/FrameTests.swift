import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonControlPlane

@Suite(.timeLimit(.minutes(1))) struct `frames` {
    let plane = TestPlane()

    private func refusal(_ text: String) -> FrameRefusal? {
        do {
            _ = try ClientFrame(parsing: text)
            return nil
        } catch {
            return error
        }
    }

    @Test func `are read in their older spellings too`() throws {
        #expect(
            try ClientFrame(
                parsing: #"{"type":"hello","agent_id":"a","protocol":{"min":1,"max":2},"caps":["x"],"since":"7"}"#)
                == .hello(
                    ClientFrame.Hello(
                        agent: "a", versions: 1...2, capabilities: ["x"], resume: ClientFrame.Resume(since: 7),
                        wantsSnapshot: false)))
        #expect(try ClientFrame(parsing: #"{"type":"message_abort","scope":true}"#) == .abort(.session))
        #expect(
            try ClientFrame(parsing: #"{"content":"no type"}"#)
                == .message(ClientFrame.Message(content: "no type", requestID: nil)))
        #expect(
            try ClientFrame(parsing: #"{"type":"message","content":{"text":"structured"},"request_id":5}"#)
                == .message(ClientFrame.Message(content: #"{"text":"structured"}"#, requestID: "5")))
    }

    @Test(arguments: [
        (#"{not json"#, "invalid_json"),
        (#"[1,2]"#, "invalid_frame"),
        (#""hello""#, "invalid_frame"),
        (#"{"type":5}"#, "invalid_frame"),
        (#"{"type":"frobnicate","x":1}"#, "unknown_type"),
        (#"{"type":"message"}"#, "empty_message"),
        (#"{"type":"message","content":"  \n "}"#, "empty_message"),
        (#"{"type":"message","content":null}"#, "empty_message"),
        (#"{"type":"abort","scope":"everything"}"#, "invalid_frame"),
        (#"{"type":"broadcast","data":[]}"#, "invalid_frame"),
    ])
    func `that make no sense get an error, and the connection lives on`(text: String, code: String) async throws {
        try await plane.connect { wire in
            try await wire.hello()
            try await wire.send(text)
            let answer = try await wire.next()
            #expect(answer["type"] == "error")
            #expect(answer["code"]?.string == code)
            #expect(answer["message"]?.string?.isEmpty == false)
            try await wire.say("still there?")
            #expect(try await wire.next()["status"] == "accepted")
        }
    }

    @Test(arguments: [
        ("2", "3", "downgrade_client"), ("99999999999999999999", "99999999999999999999", "downgrade_client"),
        ("0", "0", "upgrade_client"),
    ])
    func `of another protocol are told which way to go`(low: String, high: String, step: String) async throws {
        try await plane.connect { wire in
            try await wire.send(
                #"{"type":"hello","agent_id":"assistant","protocol_min":\#(low),"protocol_max":\#(high)}"#)
            #expect(try await wire.next()["next_step"]?.string == step)
        }
    }

    @Test(arguments: [
        #"{"type":"hello","agent_id":"assistant","protocol_min":1.0,"protocol_max":1.0}"#,
        #"{"type":"hello","agent_id":"assistant","session_id":"","resume_key":null}"#,
    ])
    func `of a hello are read as they are meant`(text: String) async throws {
        try await plane.connect { wire in
            try await wire.send(text)
            #expect(try await wire.next()["resumed"] == false)
        }
    }

    @Test func `with attachments are told that none reaches the agent`() async throws {
        try await plane.connect { wire in
            #expect(try await wire.hello()["policy"]?["max_attachments"] == 0)
            try await wire.send(
                #"{"type":"message","content":"see file","request_id":"r-1","attachments":[{"filename":"a.txt","data":"YWJj"}]}"#
            )
            let accepted = try await wire.next()
            #expect(accepted["status"] == "accepted")
            #expect(accepted["ignored"] == ["attachments"])
            try await wire.send(#"{"type":"message","content":"see file","request_id":"r-2","attachments":[]}"#)
            let plain = try await wire.next()
            #expect(plain["status"] == "accepted")
            #expect(plain["ignored"] == nil)
            #expect(plane.hub.accepted.count == 2)
        }
    }

    @Test func `in binary get an error`() async throws {
        try await plane.connect { wire in
            try await wire.hello()
            try await wire.connection.send(.binary([0xFF]))
            #expect(try await wire.next()["code"] == "invalid_frame")
        }
    }

    @Test(arguments: [
        (#"{"type":"hello","agent_id":"nope"}"#, "agent_not_found", "do_not_retry", "check_agent_id"),
        (#"{"type":"hello"}"#, "agent_not_found", "do_not_retry", "check_agent_id"),
        (
            #"{"type":"hello","agent_id":"assistant","protocol_min":2,"protocol_max":3}"#, "protocol_unsupported",
            "downgrade_client", "use_older_client"
        ),
        (
            #"{"type":"hello","agent_id":"assistant","protocol_min":0,"protocol_max":0}"#, "protocol_unsupported",
            "upgrade_client", "upgrade_client"
        ),
        (
            #"{"type":"hello","agent_id":"assistant","protocol_min":1,"protocol_max":"9"}"#, "invalid_request",
            "do_not_retry", "do_not_retry"
        ),
        (
            #"{"type":"hello","agent_id":"assistant","since":"abc"}"#, "invalid_request", "do_not_retry", "do_not_retry"
        ),
        (
            #"{"type":"hello","agent_id":"assistant","session_id":"a/b"}"#, "invalid_request", "do_not_retry",
            "do_not_retry"
        ),
    ])
    func `of a hello that is refused say what to do, and another hello may follow`(
        text: String, code: String, nextStep: String, next: String
    ) async throws {
        try await plane.connect { wire in
            try await wire.send(text)
            let answer = try await wire.next()
            #expect(answer["type"] == "hello_error")
            #expect(answer["code"]?.string == code)
            #expect(answer["next_step"]?.string == nextStep)
            #expect(answer["next"]?.string == next)
            #expect(try await wire.hello()["type"] == "hello_ok")
        }
    }

    @Test(
        arguments: [
            (#"{"type":"join","agent_id":"nope"}"#, nil, "Agent not found: nope"),
            (
                #"{"type":"join","agent_id":"assistant","min_version":5,"max_version":9}"#, "version_unsupported",
                "Protocol version mismatch. Server supports 1-1, client supports 5-9"
            ),
            (
                #"{"type":"join","agent_id":"assistant","min_version":3,"max_version":1}"#, "invalid_protocol_hello",
                "Invalid version range: min_version (3) > max_version (1)"
            ),
            (
                #"{"type":"join","agent_id":"assistant","min_version":"x"}"#, "invalid_protocol_hello",
                "Invalid protocol version fields. Expected integer min_version/max_version."
            ),
            (
                #"{"type":"join","agent_id":"assistant","since":"abc"}"#, nil,
                "Invalid 'since' cursor. Must be an integer."
            ),
        ] as [(String, String?, String)])
    func `of a join that is refused are the reference's`(text: String, code: String?, message: String) async throws {
        try await plane.connect { wire in
            try await wire.send(text)
            let answer = try await wire.next()
            #expect(answer["type"] == "error")
            #expect(answer["code"]?.string == code)
            #expect(answer["message"]?.string?.hasPrefix(message) == true)
        }
    }

    @Test func `of the older way in have all the reference's members`() async throws {
        try await plane.connect { wire in
            try await wire.send(#"{"type":"join","agent_id":"assistant","min_version":1,"max_version":1}"#)
            let joined = try await wire.next()
            let names = [
                "session_id", "agent_id", "resumed", "cursor", "oldest_cursor", "resync_required", "sequence",
                "protocol_version", "server_min_version", "server_max_version", "presence", "health",
            ]
            #expect(names.filter { joined[$0] == nil }.isEmpty)
            #expect(joined["health"]?["status"] == "healthy")
        }
    }

    @Test func `before hello are refused, those that need a session`() async throws {
        try await plane.connect { wire in
            for text in [#"{"type":"message","content":"hi"}"#, #"{"type":"abort"}"#, #"{"content":"no type"}"#] {
                try await wire.send(text)
                #expect(try await wire.next() == ["type": "error", "message": "Not joined to any session"])
            }
            try await wire.send(#"{"type":"leave"}"#)
            try await wire.send(#"{"type":"ping"}"#)
            #expect(try await wire.next() == ["type": "pong"])
        }
    }

    @Test func `of server_reply are acknowledged or explained`() async throws {
        try await plane.connect { wire in
            try await wire.hello()
            try await wire.send(#"{"type":"server_reply","request_id":"zzz","value":"allow"}"#)
            #expect(
                try await wire.next() == ["type": "server_reply_ack", "request_id": "zzz", "status": "unknown_request"])
            try await wire.send(#"{"type":"server_reply"}"#)
            #expect(
                try await wire.next() == [
                    "type": "error", "message": "server_reply requires 'request_id' and string 'value'", "cursor": 1,
                    "seq": 1,
                ])
        }
    }

    @Test func `mutated at random change nothing but their own connection`() async throws {
        let seeds = [
            #"{"type":"hello","agent_id":"assistant","protocol_min":1,"protocol_max":1,"capabilities":["streaming"],"session_id":"s","since":1}"#,
            #"{"type":"join","agent_id":"assistant","min_version":1,"max_version":1,"since":"4"}"#,
            #"{"type":"message","content":"hé\u00e9 \ud83d\ude00","request_id":"r-1"}"#,
            #"{"type":"abort","scope":"session"}"#, #"{"type":"server_reply","request_id":"x","value":"allow"}"#,
            #"{"type":"broadcast","data":{"a":[1,2.5e3,null]},"target":"assistant"}"#,
        ].map { Array($0.utf8) }
        let entropy = SeededEntropy(seed: 7)
        for round in 0..<20_000 {
            let bytes = Mutation.of(seeds[round % seeds.count], entropy)
            // Either a frame, or a refusal that can be told; never a trap.
            if let refusal = refusal(String(decoding: bytes, as: UTF8.self)) { #expect(!refusal.message.isEmpty) }
        }
    }
}
