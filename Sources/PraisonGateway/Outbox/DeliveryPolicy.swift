import PraisonCore

/// What the outbox does after a send that did not succeed.
struct DeliveryPolicy {
    enum Action: Hashable {
        case retry(after: Duration)
        /// The platform says how long to wait.
        case hold(for: Duration)
        /// The message may be there: ask the platform, or mark the repeat.
        case reconcile(after: Duration)
        /// Nobody is listened to any more under this token: leave the channel alone.
        case park(reason: String)
        case move(to: Conversation.ID)
        /// Once more without markup, which may be what was wrong.
        case simplify
        case giveUp(reason: String)
    }

    /// With pauses of at most a minute, about a day.
    static let maximumAttempts = 1_500
    static let longestPause = Duration.seconds(60)

    /// - Parameters:
    ///   - attempts: made so far, the failed one included.
    ///   - isPlain: whether the message goes without markup already.
    ///   - fraction: 0..<1; shortens the pause by up to a quarter, so that channels don't return together.
    func action(after error: ChannelError, attempts: Int, isPlain: Bool = true, fraction: Double) -> Action {
        switch error {
        case .unauthorized(let reason): return .park(reason: reason)
        case .moved(let id): return .move(to: id)
        case .malformed where !isPlain: return .simplify
        case .rejected(let reason), .malformed(let reason): return .giveUp(reason: reason)
        case .rateLimited, .unavailable, .ambiguous: break
        }
        if attempts >= Self.maximumAttempts { return .giveUp(reason: "gave up after \(attempts) attempts: \(error)") }
        if case .rateLimited(let wait) = error { return .hold(for: wait) }
        if case .ambiguous = error { return .reconcile(after: pause(attempts, fraction)) }
        return .retry(after: pause(attempts, fraction))
    }

    func pause(_ attempts: Int, _ fraction: Double) -> Duration {
        let doubled = Duration.seconds(1) * (1 << min(max(attempts - 1, 0), 6))
        return min(doubled, Self.longestPause) * (1 - fraction / 4)
    }
}
