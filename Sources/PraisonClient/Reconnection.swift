import PraisonCore

/// How one connection came to its end, or did not come to be.
struct LostConnection: Sendable {
    var disposition: Disposition
    /// Whether the other end had let us in.
    var hadSession: Bool
}

/// Connects, and connects again whenever the connection is lost, with pauses that grow while it fails.
struct Reconnection: Sendable {
    var backoff: Backoff
    var clock: any GatewayClock
    var entropy: any Entropy

    /// Runs until the task is cancelled.
    ///
    /// - Parameters:
    ///   - converse: one connection, from the upgrade to its end.
    ///   - lost: told why, and how long the pause is.
    /// - Throws: ``GatewayClientError`` when trying again does not change anything.
    func run(
        isolation: isolated (any Actor)? = #isolation, _ converse: () async -> LostConnection,
        lost: (Disposition, Duration) async -> Void
    ) async throws {
        var failures = 0
        while !Task.isCancelled {
            let end = await converse()
            if end.hadSession { failures = 0 }
            if Task.isCancelled { return }
            failures += 1
            var floor: Duration?
            switch end.disposition {
            case .stop(let error): throw error
            case .startAfresh: break
            case .retry(_, let wanted): floor = wanted
            }
            let wait = backoff.wait(beforeRetry: failures, fraction: entropy.fraction(), floor: floor)
            await lost(end.disposition, wait)
            do { try await clock.sleep(for: wait) } catch { return }
        }
    }
}
