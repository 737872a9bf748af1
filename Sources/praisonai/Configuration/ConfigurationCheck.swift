import AdapterCatalog
import Logging
import PraisonAgents
import PraisonConfig
import PraisonControlPlane
import PraisonCore
import PraisonNet
import PraisonSimulation

/// A configuration held against everything that can be known without a network: its schema, what each adapter says of
/// its settings, and what each agent's model resolves to.
struct ConfigurationCheck {
    let report: CheckReport

    init(_ source: ConfigurationSource) throws(CommandFailure) {
        var loaded = try source.load()
        if let configuration = loaded.configuration {
            for refusal in Self.refusals(of: configuration) { loaded.add(.error, at: refusal.path, refusal.problem) }
            for entry in configuration.guardrails {
                for (_, problem) in GuardrailCheck.problems(in: entry) {
                    loaded.add(.error, at: "guardrails.registry.\(entry.name)", problem)
                }
            }
            loaded.checkCertificate(of: configuration.server)
            loaded.checkProxies(of: configuration.server)
            for tool in configuration.tools {
                for problem in ToolCheck.problems(in: tool) {
                    loaded.add(.advice, at: "tools.\(tool.name).parameters", problem)
                }
            }
            loaded.checkPrograms(of: configuration.mcpServers, searchPath: source.environment["PATH"] ?? "")
        }
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

    /// What an adapter has against its settings.
    struct Refusal {
        var channel: ChannelName
        /// The key concerned; empty for the channel as a whole.
        var key = ""
        var problem: String

        var path: String { key.isEmpty ? "channels.\(channel)" : "channels.\(channel).\(key)" }
        /// Why the channel is off, beside its name.
        var reason: String { key.isEmpty ? problem : "\(key): \(problem)" }
    }

    static func refusals(of configuration: GatewayConfiguration) -> [Refusal] {
        configuration.channels.filter { $0.offReason == nil }.compactMap { channel in
            do {
                _ = try AdapterCatalog.entry(for: channel.platform)?.adapter.init(
                    settings: channel, context: .unplugged(channel.name))
                return nil
            } catch let error as ChannelSettingsError {
                return Refusal(channel: channel.name, key: error.key, problem: error.problem)
            } catch {
                return Refusal(channel: channel.name, problem: "\(error)")
            }
        }
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

extension LoadedConfiguration {
    /// Reads the files that TLS is to be served with.
    mutating func checkCertificate(of server: ServerSettings) {
        do { _ = try TLSConfiguration(server) } catch {
            add(.error, at: error.isPrivateKey ? "gateway.ssl_key" : "gateway.ssl_cert", "\(error)")
        }
    }
}

extension LoadedConfiguration {
    /// Looks for the programs that lend tools. No error: the gateway may be about to run elsewhere.
    mutating func checkPrograms(of servers: [MCPServerSettings], searchPath: String) {
        let programs = SpawnedProcesses(searchPath: searchPath)
        for server in servers {
            guard case .program(let command, _) = server.connection, let name = command.first,
                programs.path(of: name) == nil
            else { continue }
            let place = name.contains("/") ? "no program is there" : "no folder of PATH has this program"
            add(
                .advice, at: "mcp_servers.\(server.name).command",
                "\"\(name.escapingControls)\": \(place), so the server's tools will be missing")
        }
    }
}

extension LoadedConfiguration {
    mutating func checkProxies(of server: ServerSettings) {
        for proxy in server.trustedProxies where AddressRange(proxy) == nil {
            add(
                .error, at: "gateway.trusted_proxies",
                "\"\(proxy.escapingControls)\" is neither an address nor a network such as 10.0.0.0/8")
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
