import Foundation
import Logging
import PraisonAgents
import PraisonCore
import PraisonNet

/// What an answer costs the gateway itself, by the turn and by the streamed token, in each protocol and through the whole
/// hub; beside the providers' official Python clients, which read the same streams from the same server.
enum AgentsBenchmark {
    private static let figure = Figure(subject: "agents")
    private static let (shortTurns, longTurns) = (300, 30)

    static func run() async throws {
        let server = try ServerProcess([RecordedModelServer.argument])
        defer { server.end() }
        let url = "http://127.0.0.1:\(server.port)"
        let theirs = try OfficialClients.costs(at: url, turns: (shortTurns, longTurns))
        for recording in ModelRecording.all {
            let agents = RecordedModelServer.Length.allCases.map { agent(recording, $0, at: url) }
            let ours = try await costs { length, turns in
                for _ in 0..<turns { try await ask(agents[length.rawValue]) }
            }
            report(recording.protocolName, ours, recording)
            guard let client = theirs[recording.wire] else { continue }
            report("\(recording.protocolName), \(client.name)", client.cost, recording)
            figure("\(recording.protocolName), its client against us, turn", client.cost.short / ours.short, "times")
            figure(
                "\(recording.protocolName), its client against us, token",
                client.cost.perToken(of: recording) / ours.perToken(of: recording), "times")
        }
        try await runHub(at: url)
    }

    /// The same through all nine stops, journal included.
    private static func runHub(at url: String) async throws {
        guard let recording = ModelRecording.all.first else { return }
        var costs = TurnCost(short: 0, long: 0)
        for length in RecordedModelServer.Length.allCases {
            let cost = try await HubBenchmark.withHub(answeredBy: agent(recording, length, at: url)) { hub, platform in
                try await HubBenchmark.converse(
                    hub, platform, conversations: 1, messages: length == .short ? shortTurns : longTurns)
            }
            let turns = Double(length == .short ? shortTurns : longTurns)
            costs[length] = cost.cpuSeconds / turns
        }
        report("\(recording.protocolName), through the hub", costs, recording)
    }

    private static func report(_ what: String, _ cost: TurnCost, _ recording: ModelRecording) {
        figure("\(what), CPU of a turn of \(recording.shortTokens) tokens", cost.short * 1e6, "µs/turn")
        figure("\(what), CPU of each further token", cost.perToken(of: recording) * 1e6, "µs/token")
    }

    private static func costs(
        _ work: (RecordedModelServer.Length, Int) async throws -> Void
    ) async throws -> TurnCost {
        var costs = TurnCost(short: 0, long: 0)
        for length in RecordedModelServer.Length.allCases {
            let turns = length == .short ? shortTurns : longTurns
            try await work(length, 5)
            costs[length] = try await Cost.of { try await work(length, turns) }.cpuSeconds / Double(turns)
        }
        return costs
    }

    private static func agent(
        _ recording: ModelRecording, _ length: RecordedModelServer.Length, at url: String
    ) -> any Agent {
        let factory = AgentFactory(
            environment: [:], http: http, clock: SystemClock(), entropy: SystemEntropy(), logger: logger)
        let settings = AgentSettings(
            name: "echo", model: "\(recording.prefix)/\(length)", baseURL: url, apiKey: Secret("sk-benchmark"))
        return factory.agents(for: [settings], fallbackModel: nil)[0].agent
    }

    private static func ask(_ agent: any Agent) async throws {
        let turn = Turn(
            id: "turn", history: [], input: [ChatMessage(.user, "hello")],
            conversation: Conversation(channel: "benchmark", id: "1", scope: .dm), sender: Sender(id: "1"))
        let reply = try await agent.reply(to: turn) { _ in }
        guard !reply.text.isEmpty else { throw CocoaError(.fileReadUnknown) }
    }

    private static let logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
    private static let http = CurlHTTPClient(logger: logger)
}

/// CPU seconds of a turn as recorded, and of one with many more tokens.
struct TurnCost {
    var short: Double
    var long: Double

    subscript(_ length: RecordedModelServer.Length) -> Double {
        get { length == .short ? short : long }
        set { if length == .short { short = newValue } else { long = newValue } }
    }

    func perToken(of recording: ModelRecording) -> Double {
        (long - short) / Double(ModelRecording.longTokens - recording.shortTokens)
    }
}
