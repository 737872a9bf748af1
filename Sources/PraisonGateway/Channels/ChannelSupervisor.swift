public import Logging
public import PraisonCore

/// Runs every channel's adapter, a child task each, and starts it again when it ends. A token that is refused parks
/// its channel and nothing else.
public struct ChannelSupervisor: Sendable {
    private let board: ChannelBoard
    private let names: [ChannelName]
    private let clock: any GatewayClock
    private let entropy: any Entropy
    private let logger: Logger

    public init(
        board: ChannelBoard, names: [ChannelName], clock: any GatewayClock, entropy: any Entropy, logger: Logger
    ) {
        self.board = board
        self.names = names
        self.clock = clock
        self.entropy = entropy
        self.logger = logger
    }

    /// Receives until cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for name in names {
                guard let adapter = board.adapter(of: name) else { continue }
                group.addTask { await supervise(adapter, name) }
            }
        }
    }

    private func supervise(_ adapter: any ChannelAdapter, _ name: ChannelName) async {
        var restarts = RestartPolicy()
        while !Task.isCancelled {
            let start = clock.uptime
            var reason = "the adapter ended"
            do {
                try await adapter.run()
            } catch ChannelError.unauthorized(let refusal) {
                board.report(.failed(reason: refusal), of: name)
                logger.error("channel parked", metadata: ["channel": "\(name)", "reason": "\(refusal)"])
                return
            } catch {
                reason = "\(error)"
            }
            if Task.isCancelled { break }
            let pause = restarts.pause(afterRunOf: clock.uptime - start, fraction: entropy.fraction())
            board.report(.degraded(reason: reason), of: name)
            logger.warning(
                "channel ended, starting it again",
                metadata: ["channel": "\(name)", "reason": "\(reason)", "pause": "\(pause.inSeconds) s"])
            do { try await clock.sleep(for: pause) } catch { break }
        }
        board.report(.off(reason: "the gateway is stopping"), of: name)
    }
}
