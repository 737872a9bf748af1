import Testing

@testable import PraisonSimulation

@Suite(.timeLimit(.minutes(1))) struct `a clock whose time stands still` {
    @Test func `remembers nobody who was woken before being cancelled`() async {
        let clock = VirtualClock()
        let time = VirtualTime(of: clock)
        await time.run {
            // One step after the other: the watcher is woken by the sleeper, and cancelled before it can take a step.
            let watcher = Task(executorPreference: time) { await clock.nextSleeper() }
            let sleeper = Task(executorPreference: time) { try? await clock.sleep(for: .seconds(1)) }
            let canceller = Task(executorPreference: time) { watcher.cancel() }
            await canceller.value
            await watcher.value
            await sleeper.value
        }
        #expect(clock.cancelledCount == 0)
        #expect(clock.sleeperCount == 0)
    }
}
