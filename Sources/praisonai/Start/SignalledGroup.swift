import Logging
import PraisonCore
import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
    import Glibc
#endif

/// The tree of tasks: started top to bottom, stopped bottom to top by SIGTERM or SIGINT, or when one of them fails.
/// SIGHUP stops nothing; it asks for the tokens to be read anew.
struct SignalledGroup {
    /// One long-lived part.
    struct Part: Service, CustomStringConvertible {
        let description: String
        private let body: @Sendable () async throws -> Void

        init(_ description: String, _ body: @escaping @Sendable () async throws -> Void) {
            self.description = description
            self.body = body
        }

        func run() async throws { try await body() }
    }

    private let group: ServiceGroup
    private let reread: @Sendable () -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - longestStop: after which whatever still runs is cancelled.
    ///   - reread: carried out at SIGHUP.
    init(
        services: [Part], longestStop: Duration, logger: Logger, reread: @escaping @Sendable () -> Void = {}
    ) {
        self.reread = reread
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                .init(
                    service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup)
            }, logger: Self.quieter(logger))
        configuration.maximumGracefulShutdownDuration = longestStop
        group = ServiceGroup(configuration: configuration)
        self.logger = logger
    }

    /// The group reports each step it takes at `debug`, and its failures are thrown.
    private static func quieter(_ logger: Logger) -> Logger {
        var logger = logger
        logger[metadataKey: "part"] = "life cycle"
        if logger.logLevel == .info || logger.logLevel == .notice { logger.logLevel = .warning }
        return logger
    }

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                var isStopping = false
                for await signal in signals {
                    if signal == .sighup {
                        reread()
                        continue
                    }
                    if isStopping { Self.leaveAtOnce(signal) }
                    isStopping = true
                    logger.info("stopping; once more to stop at once", metadata: ["signal": "\(signal)"])
                    await group.triggerGracefulShutdown()
                }
                // Signals end only when this task is cancelled; the group decides when that is.
                try await Task.sleep(for: .seconds(86_400 * 365))
            }
            defer { tasks.cancelAll() }
            try await tasks.next()
        }
    }

    /// What is under way stays in the journal for the next start, as after a crash.
    private static func leaveAtOnce(_ signal: UnixSignal) -> Never {
        let number = signal == .sigint ? SIGINT : SIGTERM
        _exit(128 + number)
    }
}
