import Foundation
import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonControlPlane

/// Conversations recorded from the reference gateway (praisonai-bot 0.1.16): what its clients say, and the shape of its
/// answers. `Fixtures/control-plane/NAME.jsonl` has one step a line; texts are `text`, other figures 0.
@Suite(.timeLimit(.minutes(1))) struct `recorded conversations with the reference` {
    /// Where we answer otherwise, and why.
    static let differences: [String: String] = [
        "unknown-types": "the reference is silent; we say what we do not know, and broadcast",
        "push-frames": "the reference swallows them; we say that there is no push",
        "bad-json": "the reference drops the connection without a word; we say what is wrong and go on",
        "json-array": "the reference drops the connection without a word; we say what is wrong and go on",
        "hello-errors": "the reference drops the connection over a version that is a string; we refuse that hello",
        "structured-content": "the reference accepts an empty message and never answers; we refuse it",
    ]

    @Test(arguments: [
        "hello-message", "join-message", "join-errors", "before-hello", "request-id", "server-reply", "resume",
        "hello-twice", "unknown-types", "bad-json", "json-array", "hello-errors", "structured-content",
        "hello-stream-agent", "push-frames",
    ])
    func `run the same here, but for what is listed`(name: String) async throws {
        let steps = try Self.steps(name)
        let connections = steps.split { $0["connect"] != nil }
        let plane = TestPlane()
        var names: [String: JSONValue] = [:]
        for connection in connections {
            names = try await withEcho(plane) { [names] in
                try await plane.connect { wire in try await play(Array(connection), on: wire, name, names) }
            }
        }
    }

    /// - Returns: what the recorded sessions are called here.
    private func play(
        _ steps: [JSONValue], on wire: Wire, _ name: String, _ known: [String: JSONValue]
    ) async throws -> [String: JSONValue] {
        var names = known
        // The reference's only answer to an empty message is that it takes it.
        let steps = name == "structured-content" ? Array(steps.dropLast()) : steps
        for step in steps {
            if let frame = step["client"] {
                try await wire.send((frame.string ?? renamed(frame, names).text()))
                if Self.differences[name] != nil, Self.isAnsweredHereOnly(frame) {
                    let answer = try await wire.next()
                    #expect(
                        ["error", "hello_error", "broadcast_ack"].contains(answer["type"]?.string),
                        "\(frame) → \(answer)")
                }
            } else if let expected = step["server"] {
                let answer = try await wire.next()
                // The reference tells the head, although what comes before it is still to be sent; we tell where that begins.
                let isWelcome = ["hello_ok", "joined"].contains(expected["type"]?.string)
                let expected = isWelcome ? expected.without("cursor") : expected
                if let session = expected["session_id"]?.string, let own = answer["session_id"] { names[session] = own }
                let differences = Self.differences(between: renamed(expected, names), and: answer)
                #expect(differences.isEmpty, "\(name): \(differences.joined(separator: "; ")) in \(answer.text())")
            }
        }
        return names
    }

    private static func isAnsweredHereOnly(_ frame: JSONValue) -> Bool {
        if frame.string != nil || frame["protocol_max"] == "9" { return true }
        guard let type = frame["type"] else { return false }
        if type == "message" { return frame["content"] == nil }
        let isPush = ["channel.", "presence.", "message_ack"].contains { type.string?.hasPrefix($0) == true }
        return isPush || ["frobnicate", "session.status", "broadcast"].contains(type.string) || type.int != nil
    }

    /// There an unknown type is refused like one that is forbidden; here nobody is closed over a misspelling.
    @Test func `tell who may only read that a type is unknown`() async throws {
        var server = ServerSettings()
        server.scopedTokens = [ScopedToken(token: Secret("only-looking-0123456789"), scopes: [.read])]
        server.maxUnauthorizedFrames = 1
        let plane = TestPlane(server)
        try await plane.connect("/ws?token=only-looking-0123456789") { wire in
            for frame in [#"{"type":"frob"}"#, #"{"type":"channel.subscribe","channel":"a"}"#] {
                try await wire.send(frame)
                #expect(try await wire.next()["code"] == "unknown_type")
            }
            try await wire.send(#"{"type":"ping"}"#)
            #expect(try await wire.next()["type"] == "pong")
        }
    }

    @Test func `stream in the same shapes`() async throws {
        let recorded = try Self.steps("streams").compactMap { $0["server"] }
        let plane = TestPlane()
        try await plane.connect { wire in
            let session = try #require(try await wire.hello("streamer")["session_id"])
            try await wire.say("hi")
            _ = try await wire.next()
            let event = await plane.hub.event()
            let call = ToolCall(id: "1", name: "search", arguments: "{}")
            try await plane.stream(
                .reasoning("thinking"), .toolCall(call), .toolResult(id: "1", text: "ok", isError: false),
                .text("echo"), answering: event)
            try await plane.reply("boom", to: event, outcome: TurnOutcome(.failed, errorKind: .internal))
            for _ in 1...6 {
                let frame = try await wire.next()
                guard var expected = recorded.first(where: { $0["type"] == frame["type"] })?.object else {
                    Issue.record("the reference has no \(frame["type"] ?? nil)")
                    continue
                }
                for member in ["cursor", "seq"] { expected[member] = frame[member] }
                if var data = expected["data"]?.object {
                    data["session_id"] = session
                    // What is told of a tool differs from tool to tool.
                    for member in ["metadata", "tool_call"] { data[member] = data[member].map { _ in [:] } }
                    expected["data"] = .object(data)
                }
                let differences = Self.differences(between: .object(expected), and: frame)
                #expect(differences.isEmpty, "\(differences) in \(frame.text())")
            }
        }
    }

    // MARK: The other side

    /// Lets the hub answer everything with its echo while `body` runs.
    private func withEcho<Value: Sendable>(
        _ plane: TestPlane, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            let before = plane.hub.accepted.count
            group.addTask {
                var count = before
                while let event = await plane.hub.nextEvent(count + 1) {
                    count += 1
                    try await plane.reply("echo: \(event.message?.text ?? "")", to: event)
                }
                return nil
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    // MARK: Comparing

    private static func steps(_ name: String) throws -> [JSONValue] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/control-plane/\(name).jsonl")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            try JSONDocument(parsing: String($0)).value
        }
    }

    private func renamed(_ value: JSONValue, _ names: [String: JSONValue]) -> JSONValue {
        switch value {
        case .string(let text): names[text] ?? value
        case .object(let members): .object(members.mapValues { renamed($0, names) })
        case .array(let elements): .array(elements.map { renamed($0, names) })
        default: value
        }
    }

    /// What the answer lacks of the recorded shape. More members are no difference: clients ignore what they don't know.
    private static func differences(between shape: JSONValue, and answer: JSONValue?, at path: String = "") -> [String]
    {
        guard let answer else { return ["\(path) is missing"] }
        switch (shape, answer) {
        case (.object(let members), .object):
            return members.flatMap { differences(between: $0.value, and: answer[$0.key], at: "\(path).\($0.key)") }
        case (.array, .array), ("text", .string), (0, .number): return []
        case ("text", .null): return ["\(path) is null"]
        default: return shape == answer ? [] : ["\(path) is \(answer.text()) instead of \(shape.text())"]
        }
    }
}

extension JSONValue {
    /// The object without one of its members.
    fileprivate func without(_ name: String) -> JSONValue {
        guard case .object(var members) = self else { return self }
        members[name] = nil
        return .object(members)
    }
}
