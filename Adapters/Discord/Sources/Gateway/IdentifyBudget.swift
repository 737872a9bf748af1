import PraisonCore

/// When a shard may identify: never two of one bucket within five seconds, never near the thousand of a day after which
/// the token is taken away.
///
/// Source: https://docs.discord.com/developers/events/gateway#session-start-limit-object
struct IdentifyBudget: Hashable, Sendable {
    static let spacing = Duration.seconds(5)

    /// What `GET /gateway/bot` tells.
    struct Limit: Hashable, Sendable {
        var total = 1000
        var remaining = 1000
        var resetAfter = Duration.zero
        var maxConcurrency = 1
    }

    private(set) var limit = Limit()
    /// When the server's count starts anew.
    private var resetAt = Duration.zero
    private var lastInBucket: [Int: Duration] = [:]
    /// Identifies that may still be made at once; one comes back every `refill`, until there are `capacity`.
    private var tokens = 20.0
    private var capacity = 20.0
    private var refilledAt = Duration.zero

    init() {}

    /// Takes over what the server tells, which counts what earlier processes did as well.
    mutating func learn(_ limit: Limit, shards: Int, at now: Duration) {
        self.limit = limit
        self.limit.maxConcurrency = max(limit.maxConcurrency, 1)
        resetAt = now + limit.resetAfter
        // A bot of many shards starts them all, and may have to start them all again. Only growth is worth more: who asks
        // every few minutes must not be given more each time.
        let wanted = Double(2 * shards)
        if wanted > capacity { (tokens, capacity) = (tokens + wanted - capacity, wanted) }
    }

    /// Identifies a day in the long run are at most 70 % of the total.
    private var refill: Duration { .seconds(86_400 / max(Double(limit.total) * 0.7, 1)) }

    /// - Returns: how long the shard has to wait before it asks again; zero when it may identify now, which is counted.
    mutating func reserve(shard: Int, at now: Duration) -> Duration {
        if now >= resetAt { limit.remaining = max(limit.remaining, limit.total) }
        // The last ones are for people who start the program by hand.
        let reserve = min(max(limit.total / 50, 1), 20)
        guard limit.remaining > reserve || resetAt <= now else { return resetAt - now }
        let bucket = shard % limit.maxConcurrency
        if let last = lastInBucket[bucket], last + Self.spacing > now { return last + Self.spacing - now }
        tokens = min(tokens + (now - refilledAt) / refill, capacity)
        refilledAt = now
        guard tokens >= 1 else { return refill * (1 - tokens) + .milliseconds(1) }
        tokens -= 1
        limit.remaining -= 1
        lastInBucket[bucket] = now
        return .zero
    }
}
