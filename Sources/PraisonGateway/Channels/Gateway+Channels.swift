import Logging
public import PraisonCore

/// What operators do to channels while the gateway runs. A pause is kept in the journal and outlives a restart.
extension Gateway {
    private static let pauseReason = "paused by an operator"

    private static func pauseKey(_ channel: ChannelName) -> String { "paused/\(channel)" }

    public func pause(_ channel: ChannelName) async -> ChannelChange {
        await change(channel) { [journal, board] in
            if Self.isPaused(board.health(of: channel)) { return "\(channel) is paused already" }
            try await journal.save("paused", for: Self.pauseKey(channel))
            board.set(.off, .off(reason: Self.pauseReason), of: channel)
            return "paused \(channel)"
        }
    }

    public func resume(_ channel: ChannelName) async -> ChannelChange {
        await change(channel) { [journal, board] in
            guard Self.isPaused(board.health(of: channel)) else { return "\(channel) is not paused" }
            try await journal.save(nil, for: Self.pauseKey(channel))
            board.set(.on, .starting, of: channel)
            return "resumed \(channel)"
        }
    }

    public func reconnect(_ channel: ChannelName) async -> ChannelChange {
        await change(channel) { [board] in
            if Self.isPaused(board.health(of: channel)) {
                throw ChannelSettingsError(key: "\(channel)", problem: "paused; resume it instead")
            }
            board.set(.on, .starting, of: channel)
            return "reconnecting \(channel)"
        }
    }

    /// Channels an operator paused before the last restart stay paused.
    func restorePauses() async throws {
        for channel in channels where channel.offReason == nil {
            guard try await journal.cursor(Self.pauseKey(channel.name)) != nil else { continue }
            board.set(.off, .off(reason: Self.pauseReason), of: channel.name)
        }
    }

    private static func isPaused(_ health: ChannelHealth?) -> Bool { health == .off(reason: pauseReason) }

    private func change(
        _ channel: ChannelName, _ action: @Sendable () async throws -> String
    ) async -> ChannelChange {
        guard let settings = channels.first(where: { $0.name == channel }) else {
            return ChannelChange(isDone: false, message: "there is no channel \(channel)")
        }
        if let reason = settings.offReason {
            return ChannelChange(isDone: false, message: "\(channel) is off: \(reason)")
        }
        do {
            let message = try await action()
            logger.notice("\(message)")
            return ChannelChange(isDone: true, message: message)
        } catch {
            return ChannelChange(isDone: false, message: "\(error)")
        }
    }
}
