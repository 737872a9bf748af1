import Foundation
import PraisonCore

/// `praisonai gateway start`, listening.
struct GatewayProcess: Sendable {
    let process: CommandProcess
    /// Where it listens: `http://127.0.0.1:PORT`.
    let url: String

    /// Starts a gateway in `workspace`, lends it once it listens, and kills it afterwards if it still runs. Start it
    /// again in the same workspace and it finds its store there.
    ///
    /// - Parameters:
    ///   - configuration: the text of gateway.yaml.
    ///   - arguments: more of the command line.
    static func withGateway<Value: Sendable>(
        _ configuration: String, in workspace: Workspace, arguments: [String] = [],
        environment: [String: String] = [:], _ body: (GatewayProcess) async throws -> Value
    ) async throws -> Value {
        try workspace.write(configuration, to: "gateway.yaml")
        let process = try CommandProcess(
            ["gateway", "start", "--port", "0", "--store", workspace.store] + arguments, in: workspace,
            environment: environment)
        return try await process.lending { process in
            let url = try await listeningAddress(of: process)
            return try await body(GatewayProcess(process: process, url: url))
        }
    }

    private static func listeningAddress(of process: CommandProcess) async throws -> String {
        do {
            let said = try await withTimeout(CommandProcess.patience, clock: SystemClock()) {
                try await process.output.waitFor("Press Ctrl+C to stop")
            }
            guard let start = said.firstRange(of: /https?:\/\/127\.0\.0\.1:/) else {
                throw Transcript.NeverSaid(wanted: "where it listens", said: said)
            }
            return String(said[start.lowerBound...].prefix { !$0.isWhitespace })
        } catch let silence as Transcript.NeverSaid {
            throw Transcript.NeverSaid(
                wanted: silence.wanted, said: silence.said + process.errors.text)
        }
    }

    /// Where WebSocket clients connect.
    var webSocketURL: String { "ws" + url.dropFirst(4) + "/ws" }

    /// Ends it as a person or a supervisor does, and waits.
    func stop(_ signal: Int32 = SIGTERM) async throws -> CommandProcess.Finished {
        process.send(signal)
        return try await process.finished()
    }
}
