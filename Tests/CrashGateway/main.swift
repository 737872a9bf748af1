// The rooms of a gateway with a platform at the other end of standard input and output. For `a gateway under kill -9`.
//
//   crash-gateway STORE
//
// The platform says `update N CHAT` until `ack N` has been answered. The gateway says `send KEY CHAT TEXT` and waits for
// `sent KEY ID`. Each is one line.

import Logging
import PraisonCore
import PraisonGateway
import PraisonSimulation
import PraisonStore

#if canImport(Glibc)
    import Glibc
#endif

guard CommandLine.arguments.count == 2 else { exit(64) }
let logger = Logger(label: "crash") { _ in SwiftLogNoOpLogHandler() }
let journal = try SQLiteJournal(.file(CommandLine.arguments[1]), clock: SystemClock(), logger: logger)
let nowhere = NobodyThere()
let configuration = GatewayConfiguration(
    agents: [AgentSettings(name: "echo")],
    channels: [
        ChannelSettings(
            name: "house", platform: LinesAdapter.platform, routing: Routing(fallback: "echo"),
            access: AccessSettings(unknownUserPolicy: .allow))
    ])
let gateway = Gateway(
    configuration, agents: [EchoAgent()], descriptions: [AgentDescription(name: "echo", model: "none")],
    adapters: [LinesAdapter.self], journal: journal,
    surroundings: Gateway.Surroundings(
        clock: SystemClock(), entropy: SystemEntropy(), http: InMemoryHTTPClient(nowhere),
        webSocket: InMemoryWebSocketClient(nowhere), cryptography: nowhere, logger: logger))
try await gateway.run()

/// Whom no one in this process calls.
struct NobodyThere: HTTPHandler, Cryptography {
    func respond(to request: HTTPRequest) async -> HTTPResponse { HTTPResponse(status: 404) }
    func sha256(_ message: [UInt8]) -> [UInt8] { [] }
    func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> [UInt8] { [] }
    func verifyEd25519(signature: [UInt8], message: [UInt8], publicKey: [UInt8]) -> Bool { false }
}

/// Answers what it was told, and how often the conversation has been answered before: a reply that was made twice, or
/// from a history with a gap, shows.
struct EchoAgent: Agent {
    let name: AgentName = "echo"

    func reply(to turn: Turn, emit: @escaping @Sendable (ReplyPart) async throws -> Void) async throws -> Reply {
        let heard = turn.input.map(\.text).joined(separator: "+")
        let last = turn.history.last { $0.role == .user }?.text ?? "nothing"
        return Reply(text: "answer to \(heard) after \(last)")
    }
}
