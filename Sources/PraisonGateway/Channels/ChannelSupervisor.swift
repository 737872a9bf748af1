import Logging
import PraisonCore

/// Runs every channel's adapter, a child task each, and starts it again when it ends. A token that is refused parks
/// its channel and nothing else.
actor ChannelSupervisor {
    private let board: ChannelBoard
    private let names: [ChannelName]
    private let make: @Sendable (ChannelName) throws -> any ChannelAdapter
    private let clock: any GatewayClock
    private let entropy: any Entropy
    private let logger: Logger
    /// Given when a channel's standing has changed, so that whatever is done for it now ends.
    private var changed: [ChannelName: StopSignal] = [:]
    private var acted: [ChannelName: ChannelBoard.Standing] = [:]

    /// - Parameter make: makes a channel's adapter, where the board has none yet.
    init(
        board: ChannelBoard, names: [ChannelName], clock: any GatewayClock, entropy: any Entropy, logger: Logger,
        make: @escaping @Sendable (ChannelName) throws -> any ChannelAdapter
    ) {
        self.board = board
        self.names = names
        self.make = make
        self.clock = clock
        self.entropy = entropy
        self.logger = logger
    }

    /// Receives until cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for name in names { group.addTask { await self.supervise(name) } }
            for await _ in board.changes() {
                for (name, signal) in changed where hasChanged(name) { signal.stop() }
            }
        }
    }

    private func hasChanged(_ name: ChannelName) -> Bool {
        guard let before = acted[name], let now = board.standing(of: name) else { return false }
        return before.state != now.state || before.starts != now.starts
    }

    private func supervise(_ name: ChannelName) async {
        var restarts = RestartPolicy()
        while !Task.isCancelled {
            let signal = StopSignal()
            changed[name] = signal
            acted[name] = board.standing(of: name)
            guard acted[name]?.state == .on, let adapter = adapter(of: name) else {
                restarts = RestartPolicy()
                await signal.wait()
                continue
            }
            let start = clock.uptime
            do {
                try await signal.stopping { try await adapter.run() }
                // An adapter may take the end of its task for an ordinary end of its own.
                if signal.isStopped || Task.isCancelled { continue }
                await pause(name, "the adapter ended", &restarts, since: start, signal)
            } catch ChannelError.unauthorized(let reason) where !signal.isStopped {
                park(name, reason)
            } catch {
                if signal.isStopped || Task.isCancelled { continue }
                await pause(name, "\(error)", &restarts, since: start, signal)
            }
        }
        // It hears no more, and may still speak: what was answered meanwhile goes out.
        board.report(.off(reason: "the gateway is stopping"), of: name)
    }

    private func adapter(of name: ChannelName) -> (any ChannelAdapter)? {
        if let adapter = board.adapter(of: name) { return adapter }
        do {
            let adapter = try make(name)
            board.install(adapter, as: name)
            return adapter
        } catch {
            park(name, "channels.\(name).\(error)")
            return nil
        }
    }

    private func park(_ name: ChannelName, _ reason: String) {
        logger.error("channel parked", metadata: ["channel": "\(name)", "reason": "\(reason)"])
        board.set(.parked, .failed(reason: reason), of: name)
    }

    private func pause(
        _ name: ChannelName, _ reason: String, _ restarts: inout RestartPolicy, since start: Duration,
        _ signal: StopSignal
    ) async {
        let pause = restarts.pause(afterRunOf: clock.uptime - start, fraction: entropy.fraction())
        board.report(.degraded(reason: reason), of: name)
        logger.warning(
            "channel ended, starting it again",
            metadata: ["channel": "\(name)", "reason": "\(reason)", "pause": "\(pause.inWords)"])
        try? await signal.stopping { [clock] in try await clock.sleep(for: pause) }
    }
}
