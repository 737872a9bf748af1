import PraisonCore
import PraisonSimulation
import Testing

@testable import DiscordAdapter

@Suite struct `the budget of identifies` {
    @Test func `lets one of a bucket identify in five seconds`() {
        var budget = IdentifyBudget()
        budget.learn(.init(maxConcurrency: 2), shards: 4, at: .zero)
        #expect(budget.reserve(shard: 0, at: .zero) == .zero)
        #expect(budget.reserve(shard: 1, at: .zero) == .zero)
        #expect(budget.reserve(shard: 2, at: .zero) == .seconds(5))
        #expect(budget.reserve(shard: 3, at: .seconds(2)) == .seconds(3))
        #expect(budget.reserve(shard: 2, at: .seconds(5)) == .zero)
    }

    @Test func `never comes near a thousand a day, however often it is asked`() {
        var budget = IdentifyBudget()
        budget.learn(.init(), shards: 1, at: .zero)
        var now = Duration.zero
        var count = 0
        while now < .days(1) {
            let wait = budget.reserve(shard: 0, at: now)
            if wait == .zero { count += 1 }
            now += max(wait, .seconds(1))
        }
        #expect(count > 500)
        #expect(count < 800)
    }

    @Test func `is not given more each time the server is asked`() {
        var budget = IdentifyBudget()
        var now = Duration.zero
        var count = 0
        while now < .days(1) {
            budget.learn(.init(), shards: 1, at: now)
            if budget.reserve(shard: 0, at: now) == .zero { count += 1 }
            now += .seconds(60)
        }
        #expect((600...720).contains(count), "\(count) in a day")
    }

    @Test func `waits for the next day when the server says that few are left`() {
        var budget = IdentifyBudget()
        budget.learn(.init(remaining: 3, resetAfter: .seconds(3600)), shards: 1, at: .zero)
        #expect(budget.reserve(shard: 0, at: .seconds(600)) == .seconds(3000))
        #expect(budget.reserve(shard: 0, at: .seconds(3600)) == .zero)
    }

    @Test func `starts all shards of a large bot without waiting for the day to pass`() {
        var budget = IdentifyBudget()
        budget.learn(.init(total: 2000, remaining: 2000, maxConcurrency: 16), shards: 64, at: .zero)
        var now = Duration.zero
        for shard in 0..<64 {
            while true {
                let wait = budget.reserve(shard: shard, at: now)
                if wait == .zero { break }
                now += wait
            }
        }
        #expect(now == .seconds(15))
    }
}

@Suite struct `the limits of the API` {
    let route = DiscordRoute.createMessage(in: "1")

    static func answer(_ status: Int = 200, _ headers: HTTPHeaders = [:], _ body: String = "{}") -> HTTPResponse {
        HTTPResponse(status: status, headers: headers, body: .bytes(Array(body.utf8)))
    }

    static func told(_ remaining: Int, _ seconds: Double, bucket: String = "abcd") -> HTTPHeaders {
        [
            "X-RateLimit-Bucket": bucket, "X-RateLimit-Remaining": "\(remaining)",
            "X-RateLimit-Reset-After": "\(seconds)",
        ]
    }

    @Test func `are kept by channel, and end when the server said`() {
        var limits = RateLimits()
        #expect(limits.reserve(route, by: "a", at: .zero) == .zero)
        _ = limits.learn(from: Self.answer(200, Self.told(0, 4.5)), to: route, by: "a", at: .seconds(1))
        #expect(limits.reserve(route, by: "b", at: .seconds(2)) == .seconds(3.5))
        #expect(limits.reserve(.createMessage(in: "2"), by: "b", at: .seconds(2)) == .zero)
        #expect(limits.reserve(route, by: "b", at: .seconds(5.5)) == .zero)
    }

    @Test func `are shared by routes of one bucket`() {
        var limits = RateLimits()
        let other = DiscordRoute.editMessage("7", in: "1")
        _ = limits.learn(from: Self.answer(200, Self.told(3, 5)), to: other, by: "a", at: .zero)
        _ = limits.learn(from: Self.answer(200, Self.told(0, 5)), to: route, by: "a", at: .zero)
        #expect(limits.reserve(other, by: "a", at: .seconds(1)) == .seconds(4))
    }

    @Test func `count what is under way`() {
        var limits = RateLimits()
        _ = limits.learn(from: Self.answer(200, Self.told(2, 5)), to: route, by: "a", at: .zero)
        #expect(limits.reserve(route, by: "b", at: .zero) == .zero)
        #expect(limits.reserve(route, by: "c", at: .zero) == .zero)
        #expect(limits.reserve(route, by: "d", at: .zero) == .seconds(5))
    }

    @Test func `of the whole bot hold back everything but answers to interactions`() {
        var limits = RateLimits()
        let refusal = Self.answer(
            429, ["Content-Type": "application/json"], #"{"message":"slow","retry_after":2.5,"global":true}"#)
        #expect(limits.learn(from: refusal, to: route, by: "a", at: .zero) == .seconds(2.5))
        #expect(limits.reserve(.typing(in: "9"), by: "b", at: .seconds(1)) == .seconds(1.5))
        #expect(limits.reserve(.respond(to: "1", token: "t"), by: "b", at: .seconds(1)) == .zero)
    }

    @Test func `let those come back who were told when`() {
        var limits = RateLimits()
        let refusal = Self.answer(429, [:], #"{"message":"slow","retry_after":7,"global":false}"#)
        _ = limits.learn(from: refusal, to: route, by: "a", at: .zero)
        #expect(limits.reserve(route, by: "b", at: .seconds(1)) == .seconds(6))
        #expect(limits.reserve(route, by: "a", at: .seconds(1)) == .zero)
    }

    @Test(arguments: [true, false])
    func `let nobody come back whose calls are not told apart`(isGlobal: Bool) {
        var limits = RateLimits()
        let refusal = Self.answer(
            429, ["Content-Type": "application/json"], #"{"message":"slow","retry_after":7,"global":\#(isGlobal)}"#)
        _ = limits.learn(from: refusal, to: .typing(in: "9"), by: "", at: .zero)
        #expect(limits.reserve(.typing(in: "9"), by: "", at: .seconds(1)) == .seconds(6))
    }

    @Test func `hold fifty requests a second`() {
        var limits = RateLimits()
        let allowed = (0..<80).filter {
            limits.reserve(.createMessage(in: "\($0)"), by: "a", at: .zero) == .zero
        }.count
        #expect(allowed == 50)
        #expect(limits.reserve(.createMessage(in: "x"), by: "a", at: .seconds(1)) == .zero)
    }

    @Test func `of the proxy come as a page, and hold back everything`() {
        let page = Self.answer(429, ["Content-Type": "text/html", "Retry-After": "31"], "<html>1015</html>")
        #expect(RateLimitRefusal(page).wait == .seconds(31))
        #expect(RateLimitRefusal(page).isGlobal)
        #expect(RateLimitRefusal(Self.answer(429, [:], "<html>")).wait == .seconds(60))
    }

    @Test func `stop asking before too many refusals become a ban, except for those that are shared`() {
        // The end of one window and the beginning of the next may be in one of the server's.
        #expect(RateLimits.refusalLimit * 2 < 10_000)
        var limits = RateLimits()
        for number in 0..<RateLimits.refusalLimit {
            _ = limits.learn(
                from: Self.answer(number.isMultiple(of: 2) ? 403 : 401), to: route, by: "a", at: .seconds(1))
        }
        #expect(limits.reserve(.typing(in: "5"), by: "a", at: .seconds(2)) > .seconds(500))
        #expect(limits.reserve(.typing(in: "5"), by: "a", at: .seconds(700)) == .zero)
        for _ in 0..<RateLimits.refusalLimit {
            _ = limits.learn(
                from: Self.answer(429, ["X-RateLimit-Scope": "shared"], #"{"message":"s","retry_after":0.1}"#),
                to: route,
                by: "a", at: .seconds(700))
        }
        #expect(limits.reserve(.typing(in: "5"), by: "a", at: .seconds(702)) == .zero)
    }

    @Test func `are forgotten when they are over`() {
        var limits = RateLimits()
        for channel in 0..<20_000 {
            let route = DiscordRoute.createMessage(in: "\(channel)")
            _ = limits.learn(
                from: Self.answer(200, Self.told(0, 1)), to: route, by: "a", at: .milliseconds(channel * 10))
        }
        #expect(limits.bucketCount < 6_000)
    }
}
