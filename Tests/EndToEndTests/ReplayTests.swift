import Foundation
import PraisonCore
import Testing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct `a replay` {
    private static let configuration = """
        agents: {personal: {}, helper: {}}
        channels:
          telegram:
            token: ${TELEGRAM_BOT_TOKEN}
            routing: {dm: personal, default: helper}
        """

    private func replay(_ arguments: String..., in workspace: Workspace, input: String = "") async throws
        -> CommandProcess.Finished
    {
        try workspace.write(Self.configuration, to: "gateway.yaml")
        let process = try CommandProcess(["replay"] + arguments, in: workspace)
        return try await process.lending { process in
            try process.write(input)
            process.endInput()
            return try await process.finished()
        }
    }

    private static let inbound = Workspace.fixture("telegram/inbound")

    @Test func `tells events, access, agent, calls and note of each payload`() async throws {
        try await Workspace.with { workspace in
            let finished = try await replay("--json", "\(Self.inbound)/dm_text.json", in: workspace)
            #expect(finished.status == 0, "\(finished.errors)")
            let object = try JSONDocument(parsing: finished.output)
            let expected = try JSONDocument(
                parsing: [UInt8](Data(contentsOf: URL(filePath: "\(Self.inbound)/dm_text.event.json"))))
            #expect(object["events"]?.value == .array([expected.value]))
            #expect(object["access"]?.string == "allow")
            #expect(object["agent"]?.string == "personal")
            #expect(object["outbound"]?.elements.first?["call"]?.string == "sendMessage")
            let text = object["outbound"]?.elements.first?["parameters"]?["text"]?.string
            #expect(text?.hasPrefix("personal heard: ") == true)
            #expect(object["note"]?.string?.contains("answered") == true)
        }
    }

    @Test func `of another platform's payload says whose it is`() async throws {
        try await Workspace.with { workspace in
            let finished = try await replay(
                "--platform", "discord", "\(Self.inbound)/dm_text.json", in: workspace)
            #expect(finished.output.contains("it is a payload of telegram, so play it with --platform telegram"))
        }
    }

    @Test func `of everything there is gives the same bytes every time`() async throws {
        try await Workspace.with { workspace in
            let first = try await replay("--json", Self.inbound, in: workspace)
            let second = try await replay("--json", Self.inbound, in: workspace)
            // One of them is a message without a chat.
            #expect(first.status == 1, "\(first.errors)")
            #expect(first.errors.contains("1 of "), "\(first.errors)")
            let (lines, again) = (first.output.split(separator: "\n"), second.output.split(separator: "\n"))
            // Only what differs: the whole would not fit into a message.
            for (line, other) in zip(lines, again) where line != other {
                Issue.record("first:  \(line)\nsecond: \(other)")
            }
            #expect(lines.count == again.count)
            let files = try FileManager.default.contentsOfDirectory(atPath: Self.inbound)
                .filter { $0.hasSuffix(".json") && !$0.hasSuffix(".event.json") }
            #expect(lines.count == files.count)
        }
    }

    @Test func `takes lists and lines, and says where a line is no JSON`() async throws {
        try await Workspace.with { workspace in
            func update(_ number: Int) -> String {
                """
                {"update_id":\(number),"message":{"message_id":\(number),"date":1767225600,"text":"line \(number)",\
                "from":{"id":7,"is_bot":false,"first_name":"Ada"},"chat":{"id":7,"type":"private","first_name":"Ada"}}}
                """
            }
            try workspace.write("[\(update(1)),\(update(2))]", to: "list.json")
            try workspace.write("\(update(3))\n\nnot json\n\(update(3))\n", to: "lines.jsonl")
            let finished = try await replay(
                "--json", "--platform", "telegram", "list.json", "lines.jsonl", "-", in: workspace, input: update(4))
            #expect(finished.status == 1, "\(finished.errors)")
            let lines = try finished.output.split(separator: "\n").map { try JSONDocument(parsing: String($0)) }
            #expect(
                lines.map { $0["source"]?.string } == [
                    "list.json[0]", "list.json[1]", "lines.jsonl:1", "lines.jsonl:3", "lines.jsonl:4", "-",
                ])
            #expect(lines[3]["note"]?.string?.contains("invalid JSON") == true)
            // The same update again is recognised.
            #expect(lines[4]["outbound"]?.elements.isEmpty == true)
            #expect(lines[4]["note"]?.string?.contains("delivered before") == true)
        }
    }

    /// A whole conversation on the wire: after each update stands what the gateway asked of the platform because of it.
    @Test(arguments: ["channel", "dm", "group", "redelivered", "topics"])
    func `of a recorded conversation asks the same of the platform again`(name: String) async throws {
        try await Workspace.with { workspace in
            let sessions = Workspace.fixture("telegram/sessions")
            let file = "\(sessions)/\(name).jsonl"
            let finished = try await replay(
                "--json", "--config", "\(sessions)/gateway.yaml", file, in: workspace)
            #expect(finished.status == 0, "\(finished.errors)")
            var expected: [[JSONValue]] = []
            let recorded = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
            for line in try recorded.map({ try JSONDocument(parsing: String($0)) }) {
                if line["call"] == nil { expected.append([]) } else { expected[expected.count - 1].append(line.value) }
            }
            let played = try finished.output.split(separator: "\n").map { try JSONDocument(parsing: String($0)) }
            #expect(played.map { $0["outbound"]?.value } == expected.map { .array($0) })
        }
    }

    @Test func `needs to know whose payloads they are`() async throws {
        try await Workspace.with { workspace in
            try workspace.write("{\"hello\": 1}", to: "x.json")
            #expect(try await replay("x.json", in: workspace).status == 2)
            #expect(try await replay("--platform", "pigeon", "x.json", in: workspace).status == 2)
            #expect(try await replay("missing.json", in: workspace).status == 2)
        }
    }

    @Test func `says with its exit code that a payload could not be read`() async throws {
        try await Workspace.with { workspace in
            let file = try workspace.write("{no json\n", to: "broken.jsonl")
            let finished = try await replay("--platform", "telegram", file, in: workspace)
            #expect(finished.status == 1)
            #expect(finished.errors.contains("1 of 1 payloads could not be read"))
        }
    }

    @Test(arguments: [
        (
            "telegram", #"{"update_id":5,"message":{"message_id":1,"text":"no chat"}}"#,
            "could not be read: a message without a chat"
        ),
        ("telegram", #"{"nonsense":true}"#, "could not be read: no update_id"),
        (
            "telegram",
            #"{"ok":true,"result":[{"update_id":5,"message":{"message_id":1,"date":1767225600,"text":"hi","#
                + #""from":{"id":7,"is_bot":false,"first_name":"Ada"},"chat":{"id":7,"type":"private"}}},{"update":6}]}"#,
            "could not be read: update 2 of 2: no update_id"
        ),
        ("discord", #"{"nonsense":true}"#, "could not be read: a dispatch without t or d"),
        (
            "discord", #"{"op":0,"t":"MESSAGE_CREATE","s":1,"d":{"id":"5","content":"no place"}}"#,
            "could not be read: "
        ),
        ("discord", #"{"op":0,"t":"RESUMED","s":1,"d":{}}"#, nil),
    ])
    func `says why a payload could not be read`(platform: String, payload: String, reason: String?) async throws {
        try await Workspace.with { workspace in
            let finished = try await replay("--json", "--platform", platform, "-", in: workspace, input: payload)
            #expect(finished.status == (reason == nil ? 0 : 1), "\(finished.errors)")
            let note = try JSONDocument(parsing: finished.output)["note"]?.string ?? ""
            #expect(note.hasPrefix(reason ?? "nothing in it concerns the bot"), "\(note)")
        }
    }

    @Test func `plays what can be read of a payload`() async throws {
        try await Workspace.with { workspace in
            let update =
                #"{"update_id":5,"message":{"message_id":1,"date":1767225600,"text":"hi","#
                + #""from":{"id":7,"is_bot":false,"first_name":"Ada"},"chat":{"id":7,"type":"private"}}}"#
            let finished = try await replay(
                "--json", "--platform", "telegram", "-", in: workspace, input: #"{"ok":true,"result":[{},\#(update)]}"#)
            let object = try JSONDocument(parsing: finished.output)
            #expect(object["outbound"]?.elements.count == 1)
            #expect(object["note"]?.string?.hasSuffix("answered") == true)
        }
    }

    @Test(arguments: ["thread_message", "thread_created_then_message", "announcement_thread"])
    func `reads a payload by what stands before it in its list`(name: String) async throws {
        try await Workspace.with { workspace in
            let recorded = Workspace.fixture("discord/inbound/\(name)")
            let finished = try await replay("--json", "--platform", "discord", recorded + ".json", in: workspace)
            let expected = try JSONDocument(
                parsing: String(contentsOfFile: recorded + ".event.json", encoding: .utf8))
            let events = try finished.output.split(separator: "\n").flatMap {
                try JSONDocument(parsing: String($0))["events"]?.elements ?? []
            }
            let meant = expected.kind == .array ? expected.elements : [expected]
            #expect(events.map { $0["conversation"]?.string } == meant.map { $0["conversation"]?.string })
            #expect(events.map { $0["thread"]?.string } == meant.map { $0["thread"]?.string })
        }
    }
}
