import AdapterCatalog
import Logging
import PraisonAgents
import PraisonConfig
import PraisonControlPlane
import PraisonCore
import PraisonGateway
import PraisonNet
import PraisonStore
import ServiceLifecycle

/// One life of the gateway: the only place where the rooms meet.
struct GatewayRun {
    private let configuration: GatewayConfiguration
    private let source: ConfigurationSource
    private let store: StoreLocation
    private let notices: [ConfigurationProblem]
    private let logger: Logger

    /// - Parameter notices: what is worth knowing of the configuration.
    init(
        _ configuration: GatewayConfiguration, notices: [ConfigurationProblem], source: ConfigurationSource,
        store: StoreLocation, logger: Logger
    ) {
        self.notices = notices
        self.configuration = configuration
        self.source = source
        self.store = store
        self.logger = logger
    }

    /// Serves until it is told to stop, or a part fails.
    ///
    /// - Throws: ``CommandFailure`` for what a person has to do something about.
    func run() async throws {
        switch store {
        case .memory: try await serve { _ in }
        case .file(let path):
            let lock = try ProcessLock(besideStore: path)
            let certificate = configuration.server.sslCert.map(source.folder.absolute)
            try await serve { lock.publish(address: $0, certificate: certificate) }
        }
    }

    /// - Parameter announce: told where the gateway listens.
    private func serve(_ announce: @escaping @Sendable (String) -> Void) async throws {
        let journal = try openJournal()
        let http = CurlHTTPClient(logger: logger)
        do {
            try await group(journal, http, announce).run()
        } catch {
            await close(journal, http)
            throw Self.failure(error)
        }
        await close(journal, http)
        logger.info("stopped")
    }

    private func openJournal() throws(CommandFailure) -> SQLiteJournal {
        do {
            return try SQLiteJournal(
                store.journalLocation, sessions: configuration.session, clock: SystemClock(), logger: logger)
        } catch {
            let isLocked = (error as? StoreError)?.kind == .locked
            throw CommandFailure(isLocked ? .tryAgain : .configuration, "\(error)")
        }
    }

    private func close(_ journal: SQLiteJournal, _ http: CurlHTTPClient) async {
        await http.shutdown()
        do {
            try await journal.close()
        } catch {
            logger.error("the store was not closed properly", metadata: ["error": "\(error)"])
        }
    }

    private static func failure(_ error: any Error) -> any Error {
        switch error {
        case let error as HTTPServerError where error.isTaken:
            CommandFailure(
                .tryAgain, "\(error); stop what listens there, or choose another port with --port")
        case let error as HTTPServerError:
            CommandFailure(
                .configuration,
                "\(error); mend gateway.host, --host or --port: 127.0.0.1 is this machine only, 0.0.0.0 all of its addresses"
            )
        case is CommandFailure: error
        default: CommandFailure(.failed, "the gateway had to stop: \(error)")
        }
    }

    // MARK: Composition

    private func group(
        _ journal: SQLiteJournal, _ http: CurlHTTPClient, _ announce: @escaping @Sendable (String) -> Void
    ) throws(CommandFailure) -> SignalledGroup {
        let (clock, entropy) = (SystemClock(), SystemEntropy())
        let approvals = ApprovalDesk(cursors: journal, clock: clock, entropy: entropy, logger: logger)
        let factory = AgentFactory(
            environment: source.environment, tools: ToolsSettings(configuration),
            guardrails: configuration.guardrails, spending: configuration.spending, ledger: journal,
            facts: journal, cursors: journal, identities: configuration.identities, approvals: approvals, http: http,
            launcher: SpawnedProcesses(searchPath: source.environment["PATH"] ?? ""), clock: clock, entropy: entropy,
            logger: logger)
        let agents = factory.agents(
            for: configuration.agents.filter { !$0.isRemote }, fallbackModel: configuration.providerModel)
        let gateway = Gateway(
            configuration, agents: agents.map(\.agent), descriptions: agents.map(\.description),
            adapters: AdapterCatalog.platforms.map(\.adapter), journal: journal,
            surroundings: Gateway.Surroundings(
                clock: clock, entropy: entropy, http: http, webSocket: NIOWebSocketClient(logger: logger),
                cryptography: OpenSSLCryptography(), logger: logger, secondsFromGMT: LocalTime.secondsFromGMT,
                facts: journal, ledger: journal,
                transcriber: SpeechClient(environment: source.environment, http: http, entropy: entropy),
                approvals: approvals),
            directory: factory.directory,
            deadLetters: { (try? await journal.deadLetterCount()) ?? 0 })
        var limits = configuration.server
        limits.maxConcurrentRuns = Gateway.concurrentTurns(limits)
        let record = ConfigurationRecord(cryptography: OpenSSLCryptography()) { [source] in
            // Standard input is read once.
            source.name.flatMap { $0 == "-" ? nil : try? source.file($0).bytes }
        }
        let plane = ControlPlane(
            server: limits, session: configuration.session, hub: gateway,
            store: journal, cursors: journal,
            remoteAgents: configuration.agents.filter(\.isRemote).map(\.remoteDescription), configuration: record,
            approvals: approvals, cryptography: OpenSSLCryptography(), clock: clock, entropy: entropy, logger: logger)
        gateway.attach(plane.adapter)
        factory.connect(gateway)

        // Where it listens, once it does.
        let listening = Observed<String?>(nil)
        let server = HTTPServer(
            router(gateway, plane), configuration: try serverConfiguration(plane), logger: logger)
        let banner = Banner(
            configuration, agents: agents, store: store, file: source.name,
            ignoredKeyCount: notices.count { $0.severity == .notYetInEffect || $0.severity == .notOffered })
        return SignalledGroup(
            services: [
                .init("journal") { await cancelWhenGracefulShutdown { await journal.run() } },
                .init("tools") { await cancelWhenGracefulShutdown { await factory.run() } },
                .init("HTTP server") {
                    try await cancelWhenGracefulShutdown {
                        await plane.restore()
                        try await server.run { address in
                            announce(address.url)
                            Console.write(banner.text(address: address.url, width: Console.columns, Paint(.output)))
                            listening.change { $0 = address.url }
                        }
                    }
                },
                .init("hub") {
                    // Not before platforms that deliver by webhook would find somebody at home.
                    guard await cancelWhenGracefulShutdown({ await listening.wait { $0 != nil } }) != nil else {
                        return
                    }
                    defer { plane.endCalls() }
                    try await gateway.runUntilGracefulShutdown()
                },
                .init("control plane") {
                    try await cancelWhenGracefulShutdown { try await plane.run() }
                    plane.sayGoodbye()
                },
            ], longestStop: configuration.server.drainTimeout + .seconds(10), logger: logger
        ) { record.noteReading(isGood: rereadTokens(for: plane), at: clock.now) }
    }

    /// Lets clients in by the tokens that the configuration has now. Everything else waits for the next start.
    ///
    /// - Returns: whether it could be used.
    private func rereadTokens(for plane: ControlPlane) -> Bool {
        do {
            plane.rotateTokens(try source.loadWithoutProblems().configuration.server)
            logger.notice("tokens read anew")
            return true
        } catch {
            logger.error("the tokens stay as they are: \(error.message)")
            return false
        }
    }

    private func serverConfiguration(_ plane: ControlPlane) throws(CommandFailure) -> HTTPServer.Configuration {
        do {
            return try HTTPServer.Configuration(configuration.server) { plane.isFamiliar($0) }
        } catch {
            throw CommandFailure(.configuration, "gateway.ssl_cert, gateway.ssl_key: \(error)")
        }
    }

    private func router(_ gateway: Gateway, _ plane: ControlPlane) -> HTTPRouter {
        var router = HTTPRouter()
        router.mount("/", plane)
        for (name, handler) in gateway.webhooks { router.mount("/webhooks/\(name)", handler) }
        return router
    }
}

extension AgentSettings {
    /// How an agent is introduced that runs elsewhere.
    fileprivate var remoteDescription: AgentDescription {
        AgentDescription(name: name, summary: description ?? role ?? goal, model: "remote")
    }
}

extension Gateway {
    /// Runs until the service group stops, and drains then.
    fileprivate func runUntilGracefulShutdown() async throws {
        try await withGracefulShutdownHandler {
            try await run()
        } onGracefulShutdown: {
            shutdown()
        }
    }
}
