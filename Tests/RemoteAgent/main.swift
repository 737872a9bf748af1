// An agent in a process of its own; the test starts it, kills it, and starts it again.
//
//   remote-agent NAME      registers with PRAISONAI_GATEWAY_URL; where THINKS is set, it has a language model

import Foundation
import PraisonAI

let name = CommandLine.arguments.dropFirst().first ?? "elsewhere"
if ProcessInfo.processInfo.environment["THINKS"] != nil {
    try await Agent(name: name, tools: ["ask_agent", "hand_over"]).run()
    exit(0)
}
let agent = Agent(name: name, description: "Runs in another process.") { turn, colleagues, tell in
    let question = turn.input.last?.text ?? ""
    if question.hasPrefix("die") {
        // Only the first process does: the question is asked again of the next one.
        if ProcessInfo.processInfo.environment["MAY_DIE"] != nil { exit(9) }
    }
    if question.hasPrefix("ask ") {
        let reply = try await colleagues.ask("local", String(question.dropFirst(4)), by: .init(name), during: turn)
        return Reply(text: "\(name) heard: \(reply.text)")
    }
    try await tell(.text("\(name) says "))
    try await tell(.text(question))
    return Reply(text: "\(name) says \(question)")
}
try await agent.run()
