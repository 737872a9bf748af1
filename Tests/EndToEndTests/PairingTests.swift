import Foundation
import PraisonCore
import PraisonSimulation
import Testing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct `a stranger with a pairing code` {
    private static let access = "    unknown_user_policy: pair"

    /// The bot's answer names the command to run.
    private func code(in answer: JSONValue) throws -> String {
        let text = try #require(answer["text"]?.string)
        return String(try #require(text.firstMatch(of: #/pairing approve telegram ([A-Z0-9]{8})/#)?.1))
    }

    @Test func `is let in by the command while the gateway runs, and put out again`() async throws {
        try await Town.with { town in
            try await Workspace.with { workspace in
                let configuration = town.configuration(channel: Self.access)
                try await GatewayProcess.withGateway(configuration, in: workspace) { _ in
                    let stranger = try await town.say(["scope": "dm", "sender": "ada", "text": "let me in"])
                    let code = try code(in: try await town.hears("pairing approve"))

                    func pairing(_ arguments: String...) async throws -> CommandProcess.Finished {
                        let process = try CommandProcess(
                            ["pairing"] + arguments + ["--store", workspace.store], in: workspace)
                        return try await process.lending {
                            $0.endInput()
                            return try await $0.finished()
                        }
                    }
                    let person = try #require(stranger["conversation"]?.string)
                    #expect(try await pairing("list").output.contains(person))
                    let wrong = try await pairing("approve", "telegram", "AAAAAAAA")
                    #expect(wrong.status == 1)
                    #expect(wrong.errors.contains("no such code for telegram"))
                    let approved = try await pairing("approve", "telegram", code.lowercased())
                    #expect(approved.status == 0, "\(approved.errors)")
                    #expect(approved.output == "Ada (\(person)) may write on telegram now.\n")
                    try await town.say(["scope": "dm", "sender": "ada", "text": "thank you"])
                    #expect(try await town.hears("thank you")["text"]?.string == "echo: thank you")

                    #expect(try await pairing("revoke", "telegram", person).status == 0)
                    try await town.say(["scope": "dm", "sender": "ada", "text": "still there?"])
                    #expect(try await town.sent(waitingFor: 2, with: "pairing approve").count == 3)
                    #expect(!town.model.calls.contains { $0.question.contains("still there?") })
                }
            }
        }
    }

    @Test func `is looked for in no store that is not there, and none is made`() async throws {
        try await Workspace.with { workspace in
            let list = try await CommandProcess.run("pairing", "list", "--store", workspace.store, in: workspace)
            #expect(list.status == 1)
            #expect(list.errors.contains("there is no store"))
            #expect(!FileManager.default.fileExists(atPath: workspace.store))
        }
    }
}
