import Foundation

@main
struct Benchmarks {
    typealias Subject = @Sendable () async throws -> Void

    static let subjects: [(name: String, run: Subject)] = [
        ("agents", AgentsBenchmark.run),
        ("control-plane", ControlPlaneBenchmark.run),
        ("control-plane-idle", ControlPlaneBenchmark.holdIdle),
        ("hub", HubBenchmark.run),
        ("http-client", HTTPClientBenchmark.run),
        ("store", StoreBenchmark.run),
        ("websocket", WebSocketBenchmark.run),
    ]

    static func main() async throws {
        let names = CommandLine.arguments.dropFirst()
        if names.first == BenchmarkServer.argument { return try await BenchmarkServer.serve() }
        if names.first == RecordedModelServer.argument { return try await RecordedModelServer.serve() }
        if names.first == ControlPlaneBenchmark.serverArgument { return try await ControlPlaneBenchmark.serve() }
        for unknown in names where !subjects.map(\.name).contains(unknown) {
            print("there is no subject \(unknown); there are: \(subjects.map(\.name).joined(separator: ", "))")
            exit(64)
        }
        #if DEBUG
            print("a debug build: these figures say nothing; use swift run -c release benchmarks")
        #endif
        for subject in subjects where names.isEmpty || names.contains(subject.name) { try await subject.run() }
    }
}
