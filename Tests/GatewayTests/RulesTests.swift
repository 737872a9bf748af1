import PraisonCore
import Testing

@testable import PraisonGateway

@Suite struct `lanes` {
    @Test func `want a server for the first piece of work only`() {
        var lanes = Lanes<Int>()
        let needsServer = [lanes.append(1, to: "a"), lanes.append(2, to: "a"), lanes.append(3, to: "b")]
        #expect(needsServer == [true, false, true])
        let served = [lanes.next(in: "a"), lanes.next(in: "a"), lanes.next(in: "a")]
        #expect(served == [1, 2, nil])
        let needsAnother = lanes.append(4, to: "a")
        #expect(needsAnother)
        #expect(lanes.waitingCount == 2)
    }

    @Test func `give out what belongs together, leaving the rest in order`() {
        var lanes = Lanes<Int>()
        for number in 1...5 { _ = lanes.append(number, to: "a") }
        let even = lanes.take(from: "a") { $0.isMultiple(of: 2) }
        #expect(even == [2, 4])
        #expect(lanes.waiting(in: "a") == [1, 3, 5] && lanes.waitingCount == 3)
    }
}

@Suite struct `a delivery policy` {
    private func action(_ error: ChannelError, attempts: Int = 1) -> DeliveryPolicy.Action {
        DeliveryPolicy().action(after: error, attempts: attempts, fraction: 0)
    }

    @Test func `waits exactly as long as it is told`() {
        #expect(action(.rateLimited(retryAfter: .seconds(14))) == .retry(after: .seconds(14)))
    }

    @Test func `doubles its pauses up to a minute`() {
        let pauses = (1...8).map { action(.unavailable(reason: ""), attempts: $0) }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60].map { .retry(after: .seconds($0)) })
    }

    @Test func `asks before it repeats what may have arrived`() {
        #expect(action(.ambiguous(reason: "")) == .reconcile(after: .seconds(1)))
    }

    @Test func `gives up on what will never be, and on everything in the end`() {
        #expect(action(.rejected(reason: "blocked")) == .giveUp(reason: "blocked"))
        guard case .giveUp = action(.unavailable(reason: "x"), attempts: 1_500) else {
            Issue.record("still trying")
            return
        }
    }
}

@Suite struct `a pacer` {
    @Test func `lets a burst go and then keeps the pause within a conversation`() {
        var pacer = Pacer(.init(perSecond: 30, perConversation: .seconds(1), burst: 3))
        let waits = (0..<5).map { _ in pacer.reserve("a", at: .seconds(100)) }
        #expect(waits == [.zero, .zero, .zero, .seconds(1), .seconds(2)])
        let later = [pacer.reserve("b", at: .seconds(100)), pacer.reserve("a", at: .seconds(110))]
        #expect(later == [.zero, .zero])
    }

    @Test func `keeps the channel's rate over all conversations`() {
        var pacer = Pacer(.init(perSecond: 10, perConversation: .zero, burst: 1))
        let waits = (0..<30).map { pacer.reserve(Conversation.ID("\($0)"), at: .seconds(100)) }
        #expect(waits.filter { $0 == .zero }.count == 10)
        #expect(waits.last.map { $0 > .milliseconds(1900) && $0 <= .seconds(2) } == true)
    }
}

@Suite struct `session rules` {
    private let noon = Timestamp(seconds: 1_767_268_800)

    @Test func `give each person a history of their own when asked to`() {
        let message = InboundMessage.make(scope: .group)
        let shared = SessionRules(.init(scope: .perChat)).key(agent: "a", message: message)
        let own = SessionRules(.init(scope: .perUser)).key(agent: "a", message: message)
        #expect(shared.sender == nil && own.sender == "ada")
        #expect(shared.description == "a/house/42" && own.description == "a/house/42#ada")
    }

    @Test func `forget after silence`() {
        let rules = SessionRules(.init(reset: .idle(minutes: 60)))
        #expect(!rules.isStale(lastUsed: noon, now: noon + .seconds(3599)))
        #expect(rules.isStale(lastUsed: noon, now: noon + .seconds(3600)))
    }

    @Test func `forget at an hour of the machine's own day`() {
        let rules = SessionRules(.init(reset: .daily(hour: 4)), secondsFromGMT: 3600)
        let before = noon + .seconds(14 * 3600 + 59 * 60)
        #expect(!rules.isStale(lastUsed: noon, now: before))
        #expect(rules.isStale(lastUsed: before, now: noon + .seconds(15 * 3600)))
    }

    @Test func `say who speaks where several do`() {
        let rules = SessionRules(.init())
        #expect(rules.chatMessage(for: .make(scope: .group), at: noon).text == "[Ada] hello")
        #expect(rules.chatMessage(for: .make(scope: .dm), at: noon).text == "hello")
    }

    @Test func `show what is quoted`() {
        let message = InboundMessage.make("agreed", reply: .init(id: "1", text: "shall we\nship it?"))
        #expect(SessionRules(.init()).chatMessage(for: message, at: noon).text == "> shall we\n> ship it?\nagreed")
    }
}

@Suite struct `a restart policy` {
    @Test func `doubles its pauses, and forgets after a good run`() {
        var policy = RestartPolicy()
        let pauses = (0..<8).map { _ in policy.pause(afterRunOf: .seconds(1), fraction: 0) }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60].map(Duration.seconds))
        let afterGoodRun = policy.pause(afterRunOf: .seconds(301), fraction: 0)
        #expect(afterGoodRun == .seconds(1))
    }
}

@Suite struct `an album` {
    @Test func `is one message with all its parts and its caption`() {
        let parts = (1...3).map {
            InboundMessage.make(
                $0 == 2 ? "look" : "", id: MessageID("\($0)"), attachments: [.init(kind: .image, reference: "\($0)")],
                album: "x")
        }
        let whole = Album.merged(parts)
        #expect(whole?.text == "look" && whole?.id == "1")
        #expect(whole?.attachments.map(\.reference) == ["1", "2", "3"])
    }
}
