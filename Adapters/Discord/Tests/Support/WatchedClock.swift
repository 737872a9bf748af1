import PraisonCore
import PraisonSimulation
import Synchronization

/// A virtual clock that knows whether anybody is at work: whoever does something looks at the clock before long.
///
/// So that time does not run away from those who have something to do, it only moves once nobody has looked for a while.
final class WatchedClock: GatewayClock {
    let base: VirtualClock
    private let looks = Atomic(0)

    init(_ base: VirtualClock) { self.base = base }

    var now: Timestamp {
        looks.add(1, ordering: .relaxed)
        return base.now
    }

    var uptime: Duration {
        looks.add(1, ordering: .relaxed)
        return base.uptime
    }

    func sleep(for duration: Duration) async throws {
        looks.add(1, ordering: .relaxed)
        try await base.sleep(for: duration)
        looks.add(1, ordering: .relaxed)
    }

    /// Returns once everybody seems to wait.
    func settle() async {
        while !Task.isCancelled {
            let before = looks.load(ordering: .relaxed)
            let start = ContinuousClock.now
            var yields = 0
            while yields < 100 || ContinuousClock.now - start < .microseconds(500) {
                await Task.yield()
                yields += 1
            }
            if looks.load(ordering: .relaxed) == before { return }
        }
    }

    /// Lets this much time go by, with everybody doing in between what is due.
    func pass(_ duration: Duration) async throws {
        let alarm = Alarm()
        async let ringing: Void = alarm.ring(after: duration, on: base)
        while !alarm.hasRung {
            await settle()
            try Task.checkCancellation()
            if !alarm.hasRung { await base.advanceToNextSleeper() }
        }
        try await ringing
    }

    private final class Alarm: Sendable {
        private let rung = Atomic(false)

        var hasRung: Bool { rung.load(ordering: .relaxed) }

        func ring(after duration: Duration, on clock: VirtualClock) async throws {
            try await clock.sleep(for: duration)
            rung.store(true, ordering: .relaxed)
        }
    }
}
