import AdapterCatalog
import Logging
import PraisonAgents
import PraisonConfig
import PraisonCore
import PraisonNet
import PraisonSimulation

/// A configuration held against everything that can be known without a network: its schema, what each adapter says of
/// its settings, and what each agent's model resolves to.
struct ConfigurationCheck {
    let report: CheckReport

    init(_ source: ConfigurationSource) throws(CommandFailure) {
        var loaded = try source.load()
        loaded.checkEverything(source.environment)
        for line in DotEnvFile(of: source.folder)?.unreadableLines ?? [] {
            // Not what it says: that may be a key.
            loaded.add(
                ConfigurationProblem(
                    .advice, file: source.folder.environmentFile, place: SourcePlace(line: line, column: 1),
                    message: "not NAME=value, so it says nothing"))
        }
        let agents = loaded.configuration.map { Self.agents(of: $0, source.environment) } ?? []
        report = CheckReport(loaded, file: source.name, agents: agents)
    }

    private static func agents(
        of configuration: GatewayConfiguration, _ environment: [String: String]
    ) -> [CheckReport.Agent] {
        let context = ChannelContext.unplugged("check")
        let factory = AgentFactory(
            environment: environment, tools: ToolsSettings(configuration),
            guardrails: configuration.guardrails, spending: configuration.spending, http: context.http,
            launcher: SpawnedProcesses(searchPath: ""), clock: context.clock, entropy: context.entropy,
            logger: context.logger)
        let here = configuration.agents.filter { !$0.isRemote }
        let elsewhere = configuration.agents.filter(\.isRemote)
        return factory.agents(for: here, fallbackModel: configuration.providerModel).map {
            CheckReport.Agent(
                name: $0.description.name, model: $0.description.model, isReady: $0.isReady, note: $0.note,
                isDemonstration: $0.isDemonstration)
        }
            + elsewhere.map {
                CheckReport.Agent(
                    name: $0.name, model: "remote", isReady: true, note: "another process has to register it")
            }
    }
}

extension ChannelContext {
    /// A context that reaches nothing, for adapters that are made only to hear what they say of their settings.
    static func unplugged(
        _ channel: ChannelName, clock: any GatewayClock = SystemClock(), entropy: any Entropy = SystemEntropy(),
        http: any HTTPClient = InMemoryHTTPClient(HTTPRouter())
    ) -> ChannelContext {
        let silent = Logger(label: "unplugged") { _ in SwiftLogNoOpLogHandler() }
        return ChannelContext(
            channel: channel, logger: silent, clock: clock, entropy: entropy, http: http,
            webSocket: NoWebSocketClient(), cryptography: OpenSSLCryptography(), cursors: NoCursors(),
            accept: { _ in }, report: { _ in })
    }
}

/// Opens nothing.
struct NoWebSocketClient: WebSocketClient {
    func connect<Value: Sendable>(
        to url: String, headers: HTTPHeaders, limits: WebSocketLimits,
        _ body: @Sendable (any WebSocketConnection) async throws -> Value
    ) async throws -> Value {
        throw WebSocketConnectError.transport(
            HTTPError(.couldNotConnect, mayHaveReachedServer: false, detail: "nothing is contacted here"))
    }
}

/// Remembers nothing.
private struct NoCursors: CursorStore {
    func cursor(_ key: String) async throws -> String? { nil }
    func save(_ value: String?, for key: String) async throws {}
}
