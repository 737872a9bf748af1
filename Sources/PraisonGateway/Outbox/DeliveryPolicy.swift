import PraisonCore

/// What the outbox does after a send that did not succeed.
struct DeliveryPolicy {
    enum Action: Hashable {
        case retry(after: Duration)
        /// The message may be there: ask the platform, or mark the repeat.
        case reconcile(after: Duration)
        case move(to: Conversation.ID)
        case giveUp(reason: String)
    }

    /// With pauses of at most a minute, about a day.
    static let maximumAttempts = 1_500
    static let longestPause = Duration.seconds(60)

    /// - Parameters:
    ///   - attempts: made so far, the failed one included.
    ///   - fraction: 0..<1; shortens the pause by up to a quarter, so that channels don't return together.
    func action(after error: ChannelError, attempts: Int, fraction: Double) -> Action {
        if attempts >= Self.maximumAttempts { return .giveUp(reason: "gave up after \(attempts) attempts: \(error)") }
        switch error {
        case .rateLimited(let wait): return .retry(after: wait)
        case .unavailable: return .retry(after: pause(attempts, fraction))
        case .unauthorized: return .retry(after: Self.longestPause)
        case .ambiguous: return .reconcile(after: pause(attempts, fraction))
        case .moved(let id): return .move(to: id)
        case .rejected(let reason), .malformed(let reason): return .giveUp(reason: reason)
        }
    }

    private func pause(_ attempts: Int, _ fraction: Double) -> Duration {
        let doubled = Duration.seconds(1) * (1 << min(max(attempts - 1, 0), 6))
        return min(doubled, Self.longestPause) * (1 - fraction / 4)
    }
}
