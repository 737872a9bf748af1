import AdapterCatalog
import ArgumentParser
import Logging
import PraisonConfig
import PraisonControlPlane
import PraisonCore

/// `praisonai gateway start`.
struct GatewayStart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start the gateway and serve until told to stop.",
        usage: "praisonai gateway start [OPTIONS]",
        discussion: """
            Examples:
              praisonai gateway start
              praisonai gateway start --config gateway.yaml --port 9000
              praisonai gateway start --agents agents.yaml --store :memory:
              praisonai gateway start --log-format json --log-level debug

            What is said here goes before gateway.yaml, and that before the environment
            (GATEWAY_PORT, GATEWAY_AUTH_TOKEN, …; ~/.praisonai/.env is read too).

            SIGTERM or Ctrl-C lets running turns end and their replies go out, within
            drain_timeout, and then exits 0; a second one exits at once. Exit code 75 when
            the port or the store is taken, 78 when the configuration has to be mended.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Option(
        help: ArgumentHelp(
            "A plain agents file. Without --config it stands alone, and no channel is read.", valueName: "file"))
    var agents: String?

    @Option(help: "The address to listen on; 127.0.0.1 reaches this machine only.")
    var host: String?

    @Option(help: "The port to listen on; 0 for any that is free.")
    var port: Int?

    @Option(
        help: ArgumentHelp(
            "Where everything is kept; ~/.praisonai/state/gateway.sqlite, or :memory:.", valueName: "file"))
    var store: String?

    @Option(help: "The least that is logged.")
    var logLevel: LogLevel = .info

    @Option(help: "How it is logged, to standard error.")
    var logFormat: LogFormat = .text

    @Option(
        help: ArgumentHelp(
            "A proxy whose X-Forwarded-For is believed, as gateway.trusted_proxies; may be repeated.",
            valueName: "address"))
    var trustedProxy: [String] = []

    @OptionGroup(title: "Limits") var limits: LimitOptions

    @OptionGroup(title: "Other protocols") var api: APIOptions

    @Flag(
        inversion: .prefixedNo,
        help: "Refuse to start when an agent names a tool that there is not; as it is unless told otherwise.")
    var strictTools: Bool?

    @OptionGroup(visibility: .hidden) var reference: ReferenceOptions

    func validate() throws {
        if let port, !(0...65_535).contains(port) { throw ValidationError("--port takes 0 to 65535") }
        if host?.isEmpty == true { throw ValidationError("--host takes an address or a name of this machine") }
        for proxy in trustedProxy where AddressRange(proxy) == nil {
            throw ValidationError("--trusted-proxy takes an address or a network such as 10.0.0.0/8")
        }
        if store?.isEmpty == true { throw ValidationError("--store takes a file, or :memory:") }
    }

    func run() async throws {
        let source = ConfigurationSource(
            file: options.config, agentsFile: agents,
            commandLine: CommandLineValues(
                host: host, port: port, allowsUnknownTools: strictTools == false))
        var (configuration, loaded) = try source.loadWithoutProblems()
        configuration = api.applied(to: limits.applied(to: configuration))
        if !trustedProxy.isEmpty { configuration.server.trustedProxies = trustedProxy }
        let logger = StandardErrorLog.logger(logFormat, level: logLevel.level)
        for notice in loaded.notices { logger.log(level: notice.severity == .advice ? .warning : .debug, "\(notice)") }
        for word in reference.ignored { logger.notice("\(word) has no effect here") }
        let process = GatewayRun(
            configuration, notices: loaded.notices, source: source,
            store: StoreLocation(store, folder: source.folder), logger: logger)
        try await process.run()
    }
}

/// Limits that may be set for one start.
struct LimitOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How long a stop waits for running turns and unsent replies.", valueName: "seconds"))
    var drainTimeout: Double?

    @Option(help: ArgumentHelp("Turns at once over all agents.", valueName: "count"))
    var maxConcurrentRuns: Int?

    func validate() throws {
        if let drainTimeout, !(0...86_400).contains(drainTimeout) {
            throw ValidationError("--drain-timeout takes 0 to 86400 seconds")
        }
        if let maxConcurrentRuns, maxConcurrentRuns < 1 {
            throw ValidationError("--max-concurrent-runs takes 1 or more")
        }
    }

    func applied(to configuration: GatewayConfiguration) -> GatewayConfiguration {
        var copy = configuration
        if let drainTimeout { copy.server.drainTimeout = .seconds(drainTimeout) }
        if let maxConcurrentRuns { copy.server.maxConcurrentRuns = maxConcurrentRuns }
        return copy
    }
}

/// Protocols that may be switched on for one start.
struct APIOptions: ParsableArguments {
    @Flag(help: "Answer OpenAI's clients under /v1, as gateway.api.openai does.")
    var openaiApi = false

    @Flag(help: "Offer the agents as MCP tools under /mcp, as gateway.api.mcp does.")
    var mcp = false

    func applied(to configuration: GatewayConfiguration) -> GatewayConfiguration {
        var copy = configuration
        if openaiApi { copy.server.api.openAI = true }
        if mcp { copy.server.api.mcp = true }
        return copy
    }
}

/// Flags of the reference's `gateway start` that ask for what this gateway does anyway, or does not have. They are taken
/// so that scripts go on working, and each is named in the log.
struct ReferenceOptions: ParsableArguments {
    @Flag(inversion: .prefixedNo) var preflight: Bool?
    @Flag(inversion: .prefixedNo) var strictPreflight: Bool?
    @Flag(inversion: .prefixedNo) var verifyTurn: Bool?
    @Flag var scaleToZero = false
    @Flag var watchdog = false
    @Flag var pure = false
    @Option var queueDepth: String?
    @Option var overflowPolicy: String?
    @Option var reliability: String?
    @Option var identityStore: String?
    @Option var idleMinutes: String?
    @Option var drainMarker: String?
    @Option var watchdogTimeout: String?

    /// The flags that were given.
    var ignored: [String] {
        let switches = [
            ("preflight", preflight), ("strict-preflight", strictPreflight), ("verify-turn", verifyTurn),
            ("scale-to-zero", scaleToZero ? true : nil), ("watchdog", watchdog ? true : nil),
            ("pure", pure ? true : nil),
        ]
        let values = [
            ("queue-depth", queueDepth), ("overflow-policy", overflowPolicy), ("reliability", reliability),
            ("identity-store", identityStore), ("idle-minutes", idleMinutes), ("drain-marker", drainMarker),
            ("watchdog-timeout", watchdogTimeout),
        ]
        return switches.compactMap { name, value in value.map { $0 ? "--\(name)" : "--no-\(name)" } }
            + values.compactMap { name, value in value.map { _ in "--\(name)" } }
    }
}
