import Testing

@testable import praisonai

@Suite struct `a script that chats` {
    @Test func `waits two minutes for a gateway that went away, and begins anew each time it was back`() {
        let start = ContinuousClock.now
        var patience = Patience()
        var isOver: [Bool] = []
        for (seconds, wait) in [(0, 1), (90, 30), (119, 2)] {
            isOver.append(patience.isOver(at: start + .seconds(seconds), beforeNext: .seconds(wait)))
        }
        #expect(isOver == [false, false, true])
        patience.isConnected()
        isOver = [(119, 2), (200, 36), (210, 36)].map { seconds, wait in
            patience.isOver(at: start + .seconds(seconds), beforeNext: .seconds(wait))
        }
        #expect(isOver == [false, false, true])
    }
}
