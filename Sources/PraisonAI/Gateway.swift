import Foundation
public import Logging
import PraisonAgents
import PraisonConfig
import PraisonControlPlane
public import PraisonCore
import PraisonGateway
import PraisonNet
import PraisonStore

/// A gateway in this process: it serves clients over WebSocket and HTTP, and routes what they say to its agents.
///
/// ```swift
/// let gateway = Gateway(GatewayConfig(port: 8765), agents: [researcher, writer])
/// try await gateway.run()
/// ```
///
/// Chat platforms are the work of the command `praisonai gateway start`, which reads gateway.yaml.
public final class Gateway: Sendable {
    private struct State {
        var hasRun = false
        var isStopping = false
        var hub: PraisonGateway.Gateway?
        var address: String?
    }

    public let config: GatewayConfig
    public let agents: [Agent]
    private let logger: Logger
    private let onShutdown: @Sendable () async -> Void
    private let state = Observed(State())

    /// - Parameters:
    ///   - agents: the first one answers where nobody is named.
    ///   - onShutdown: called once when ``run()`` has closed the port and the store, and awaited before it returns: the
    ///     place to flush logs, metrics and traces. It may take its time also where the run was cancelled.
    public init(
        _ config: GatewayConfig = GatewayConfig(), agents: [Agent], logger: Logger = Logger(label: "praisonai"),
        onShutdown: @escaping @Sendable () async -> Void = {}
    ) {
        self.config = config
        self.agents = agents
        self.logger = logger
        self.onShutdown = onShutdown
    }

    /// Where it listens, such as `http://127.0.0.1:8765`, once it does; `nil` when the waiting task is cancelled or the
    /// gateway ends first.
    public var address: String? {
        get async { await state.wait { $0.address != nil || ($0.hasRun && $0.isStopping) }.address }
    }

    /// Tells clients that listen, and everybody else who does, what happened; a `broadcast` reaches all of its targets.
    public func publish(_ event: GatewayEvent) { state.value.hub?.events.publish(event) }

    /// What happens from now on; nothing when the gateway does not run.
    public var events: AsyncStream<GatewayEvent> {
        state.value.hub?.events.subscribe() ?? AsyncStream { $0.finish() }
    }

    // MARK: Life

    /// Serves until ``shutdown()``, or until cancelled. Both close everything it has opened; a shutdown lets running
    /// turns end and their replies go out before, within ``GatewayConfig/drainTimeout``. What is unfinished after that
    /// is taken up by the next run, where sessions persist.
    ///
    /// - Throws: ``GatewayConfigError`` for what has to be mended first; what opening the store or the port throws.
    public func run() async throws {
        try check()
        let isFirst = state.change { state in
            defer { state.hasRun = true }
            return !state.hasRun
        }
        guard isFirst else { throw GatewayConfigError("a gateway runs once; make another one to run again") }
        defer { end() }
        let result: Result<Void, any Error>
        do { result = .success(try await serve()) } catch { result = .failure(error) }
        // Not a child task, which would be cancelled together with this one: what it flushes would be lost. It is awaited
        // right here.
        await Task { [onShutdown] in await onShutdown() }.value
        try result.get()
    }

    /// Opens what it takes to serve, and closes it again.
    private func serve() async throws {
        let clock = SystemClock()
        let journal = try SQLiteJournal(location, sessions: config.sessionConfig.settings, clock: clock, logger: logger)
        let http = CurlHTTPClient(logger: logger)
        do {
            try await serve(journal, http, clock)
        } catch {
            await close(journal, http)
            throw error
        }
        await close(journal, http)
    }

    /// Lets ``run()`` come to an end. May be called from anywhere, before it as well, and more than once.
    public func shutdown() {
        let hub = state.change { state in
            state.isStopping = true
            return state.hub
        }
        hub?.shutdown()
    }

    /// Does `work` once the stop begins; nothing when the waiting task is cancelled before.
    private func whenStopping(_ work: @Sendable () -> Void) async {
        if await state.wait(until: { $0.isStopping }).isStopping { work() }
    }

    private func close(_ journal: SQLiteJournal, _ http: CurlHTTPClient) async {
        await http.shutdown()
        do { try await journal.close() } catch {
            logger.error("the store was not closed properly", metadata: ["error": "\(error)"])
        }
    }

    private func end() {
        state.change { state in
            state.isStopping = true
            state.hub = nil
        }
    }

    // MARK: Composition

    private func serve(_ journal: SQLiteJournal, _ http: CurlHTTPClient, _ clock: SystemClock) async throws {
        let entropy = SystemEntropy()
        let factory = Agent.factory(http, logger)
        let directory = factory.directory
        let made = agents.map { $0.made(by: factory, colleagues: directory) }
        var server = config.server
        server.maxConcurrentRuns = PraisonGateway.Gateway.concurrentTurns(server)
        let session = config.sessionConfig.settings
        let hub = PraisonGateway.Gateway(
            GatewayConfiguration(
                server: server, agents: made.map { AgentSettings(name: $0.agent.name) }, session: session),
            agents: made.map(\.agent), descriptions: made.map(\.description), adapters: [], journal: journal,
            surroundings: .init(
                clock: clock, entropy: entropy, http: http, webSocket: NIOWebSocketClient(logger: logger),
                cryptography: OpenSSLCryptography(), logger: logger), directory: directory)
        let plane = ControlPlane(
            server: server, session: session, hub: hub, store: journal, cursors: journal,
            cryptography: OpenSSLCryptography(), clock: clock, entropy: entropy, logger: logger)
        hub.attach(plane.adapter)
        let listener = HTTPServer(
            plane, configuration: try HTTPServer.Configuration(server) { plane.isFamiliar($0) }, logger: logger)
        let isStopping = state.change { state in
            state.hub = hub
            return state.isStopping
        }
        if isStopping { hub.shutdown() }
        await plane.restore()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await journal.run() }
            group.addTask { try await plane.run() }
            group.addTask { try await listener.run { address in self.state.change { $0.address = address.url } } }
            group.addTask {
                // At the beginning of the stop, while answers under way still come.
                async let farewell: Void = self.whenStopping { plane.sayGoodbye() }
                defer { plane.endCalls() }
                try await hub.run()
                await farewell
            }
            defer { group.cancelAll() }
            // The journal's and the plane's tasks end when they are cancelled only.
            try await group.next()
        }
    }

    // MARK: Checking

    private func check() throws {
        guard !agents.isEmpty else { throw GatewayConfigError("a gateway needs at least one agent") }
        let names = agents.map(\.name)
        if let name = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw GatewayConfigError("two agents are called \(name)")
        }
        guard !config.push.enabled else {
            throw GatewayConfigError("push: this version serves no push channels; leave it off")
        }
        guard (config.sslCert == nil) == (config.sslKey == nil) else {
            throw GatewayConfigError("sslCert and sslKey belong together; set both or neither")
        }
        guard !AuthTokenStrength.isLoopback(config.host) else {
            if let weakness = config.authToken.flatMap(AuthTokenStrength.weakness) {
                logger.warning("the authToken is weak: \(weakness); make one with: openssl rand -hex 32")
            }
            return
        }
        guard let token = config.authToken else {
            throw GatewayConfigError(
                "\(config.host) can be reached from other machines; set an authToken, or host: \"127.0.0.1\"")
        }
        if let weakness = AuthTokenStrength.weakness(of: token) {
            throw GatewayConfigError("the authToken is weak: \(weakness); make one with: openssl rand -hex 32")
        }
    }

    private var location: SQLiteJournal.Location {
        guard config.sessionConfig.persist else { return .memory }
        let folder =
            config.sessionConfig.persistPath.map { URL(filePath: $0) }
            ?? URL(filePath: NSHomeDirectory()).appending(path: ".praisonai/state")
        return .file(folder.appending(path: "gateway.sqlite").path())
    }
}
