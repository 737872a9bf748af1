import Dispatch
import PraisonCore
import PraisonSimulation
import Testing

@Suite(.timeLimit(.minutes(1))) struct `time that passes when nobody can take a step` {
    private let clock = VirtualClock()
    private let time: VirtualTime

    init() { time = VirtualTime(of: clock) }

    /// Work on a thread the executor knows nothing of.
    private static func elsewhere(_ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                work()
                continuation.resume()
            }
        }
    }

    @Test func `stands still while others work`() async throws {
        let begun = clock.now
        let seen = Observed<[Timestamp]>([])
        try await time.run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await clock.sleep(for: .seconds(30)) }
                for _ in 1...20 {
                    await time.standingStill {
                        await Self.elsewhere { seen.change { $0.append(clock.now) } }
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(seen.value == Array(repeating: begun, count: 20))
        #expect(clock.now == begun + .seconds(30))
    }

    @Test func `passes until what is waited for, and no further`() async {
        let steps = Observed<[Int]>([])
        let begun = clock.now
        let (isThere, when) = await time.run {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for step in 1...10 {
                        try? await clock.sleep(for: .seconds(1))
                        steps.change { $0.append(step) }
                        // What still has to be done in the same moment.
                        await Task.yield()
                        steps.change { $0.append(-step) }
                    }
                }
                let isThere = await time.passes { steps.value.contains(3) }
                defer { group.cancelAll() }
                return (isThere, clock.now)
            }
        }
        #expect(isThere)
        #expect(when == begun + .seconds(3))
        #expect(steps.value.prefix(6) == [1, -1, 2, -2, 3, -3])
    }

    @Test func `says that nothing can happen any more`() async {
        let begun = clock.now
        let isThere = await time.run {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await clock.sleep(for: .seconds(1)) }
                return await time.passes { false }
            }
        }
        #expect(!isThere)
        #expect(clock.now == begun + .seconds(1))
    }
}
