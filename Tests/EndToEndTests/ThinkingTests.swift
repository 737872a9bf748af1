import Foundation
import PraisonCore
import TelegramSimulator
import Testing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct `an agent of the built command` {
    private static func configuration(_ town: Town) -> String {
        """
        agents:
          personal: {model: offline/demo, tools: [calculator], knowledge: [faq.md], reflection: true}
        tools:
          calculator: {approval: always}
        channels:
          telegram:
            token: "\(TelegramSimulator.token)"
            api_base: "\(town.platformURL)"
            poll_timeout: 5
            approvers: [sender]
            routing: {default: personal}
        """
    }

    @Test func `asks before it uses a tool, looks things up, and sums up what was said`() async throws {
        try await Town.with { town in
            try await Workspace.with { workspace in
                try workspace.write("# Parking\n\nYou park behind the house.\n", to: "faq.md")
                try await GatewayProcess.withGateway(Self.configuration(town), in: workspace) { gateway in
                    func say(_ text: String) async throws {
                        try await town.say(["scope": "dm", "sender": "ada", "text": .string(text)])
                    }
                    try await say("what is 12*12")
                    let question = try #require(try await town.hears("/approve")["text"]?.string)
                    #expect(question.hasPrefix(#"personal wants to run calculator with {"expression":"12*12"}"#))
                    let words = question.split(whereSeparator: \.isWhitespace)
                    let name = try #require(words.firstIndex(of: "/approve").map { words[$0 + 1] })
                    try await say("/approve \(name)")
                    try await town.hears("144")
                    try await town.hears("Approved by ")
                    try await say("look up parking")
                    try await town.hears("You park behind the house.")
                    try await say("/compress")
                    try await town.hears("Summed up ")
                    #expect(try await gateway.stop().status == 0)
                }
            }
        }
    }
}
