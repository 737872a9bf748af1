import AdapterCatalog
import ArgumentParser
import PraisonCore
import PraisonNet
import PraisonSimulation
import ServiceLifecycle

/// `praisonai simulate`: a platform to try the gateway on, without an account.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Play a chat platform's server on this machine.",
        usage: "praisonai simulate PLATFORM [OPTIONS]",
        discussion: """
            Examples:
              praisonai simulate telegram
              praisonai simulate telegram --port 8081

            Prints what to write into gateway.yaml, and how to speak as a person on the
            platform with curl. Everything is in memory and gone when it stops.
            """)

    @Argument(help: "The platform: \(simulated).")
    var platform: String

    @Option(help: "The port to listen on; 0 for any that is free.")
    var port = 8081

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The least that is logged.")
    var logLevel: LogLevel = .warning

    func validate() throws {
        if host.isEmpty { throw ValidationError("--host takes an address or a name of this machine") }
        if !(0...65_535).contains(port) { throw ValidationError("--port takes 0 to 65535") }
        if Self.simulator(of: platform) == nil {
            throw ValidationError("there is no simulator of \(platform); there is \(Self.simulated)")
        }
    }

    private static let simulated = AdapterCatalog.platforms.filter { $0.simulator != nil }.map(\.platform.rawValue)
        .joined(separator: ", ")

    private static func simulator(of platform: String) -> (any PlatformSimulator.Type)? {
        AdapterCatalog.entry(for: Platform(platform))?.simulator
    }

    func run() async throws {
        guard let type = Self.simulator(of: platform) else { return }
        let logger = StandardErrorLog.logger(level: logLevel.level)
        let client = CurlHTTPClient(logger: logger)
        let simulator = type.init(
            clock: SystemClock(), entropy: SystemEntropy(), client: client, cryptography: OpenSSLCryptography())
        let server = HTTPServer(simulator, configuration: .init(host: host, port: port), logger: logger)
        let guide = SimulatorGuide(platform: type.platform)
        let group = SignalledGroup(
            services: [
                .init("HTTP server") {
                    try await cancelWhenGracefulShutdown {
                        try await server.run { address in
                            Console.write(guide.text(address.url, settings: type.settings(baseURL: address.url)))
                        }
                    }
                },
                .init("simulator") {
                    try await cancelWhenGracefulShutdown {
                        try await simulator.run()
                        // Where a platform is polled there is nothing to deliver.
                        await Observed(()).wait { _ in false }
                    }
                },
            ], longestStop: .seconds(2), logger: logger)
        do {
            try await group.run()
        } catch let error as HTTPServerError {
            throw error.isTaken
                ? CommandFailure(.tryAgain, "\(error); choose another port with --port")
                : CommandFailure(.usage, "\(error); mend --host or --port")
        }
        await client.shutdown()
    }
}
