import PraisonCore

/// What the server's headers have told about how much may be asked, as a value on a clock's uptime.
///
/// A route's bucket is learned from `X-RateLimit-Bucket`; a bucket counts for each channel, server or webhook by itself.
/// Who is told to wait here was not sent to the server, and comes back after that time; the outbox keeps it.
///
/// Source: https://docs.discord.com/developers/topics/rate-limits
struct RateLimits: Sendable {
    /// Requests a second of one bot, answers to interactions aside.
    static let globalLimit = 50
    /// Refusals (401, 403, 429) in a window of ten minutes of ours. The server bans an address after 10,000 in ten minutes
    /// of its own, in which the end of one window and the beginning of the next may meet.
    static let refusalLimit = 4_500
    private static let refusalWindow = Duration.seconds(600)
    private static let capacity = 5_000

    private struct Key: Hashable {
        var bucket: String
        var major: String
    }

    private struct Bucket {
        var remaining: Int
        var resetAt: Duration
        /// Those who know of a refusal and keep the time by themselves.
        var told: Set<String> = []
    }

    /// Route templates to bucket names.
    private var names: [String: String] = [:]
    private var buckets: [Key: Bucket] = [:]
    private var global = SlidingCount(limit: globalLimit, window: .seconds(1))
    private var globalHold = Duration.zero
    private var toldOfGlobalHold: Set<String> = []
    private var refusals = 0
    private var refusalsSince = Duration.zero

    init() {}

    /// Counts a request in, or tells how long it has to wait.
    ///
    /// - Parameter asker: the same for each attempt of one message. Whoever was told by the server itself to wait may
    ///   come back: it knows the time at least as well. Empty where nobody does, as for a typing sign.
    mutating func reserve(_ route: DiscordRoute, by asker: String, at now: Duration) -> Duration {
        if now - refusalsSince >= Self.refusalWindow { (refusals, refusalsSince) = (0, now) }
        guard refusals < Self.refusalLimit else { return refusalsSince + Self.refusalWindow - now }
        if route.isUnderGlobalLimit {
            if globalHold > now, toldOfGlobalHold.remove(asker) == nil { return globalHold - now }
            let wait = global.wait(at: now)
            guard wait == .zero else { return wait }
        }
        let key = key(of: route)
        if var bucket = buckets[key] {
            if bucket.resetAt <= now {
                buckets[key] = nil
            } else {
                guard bucket.remaining > 0 || bucket.told.remove(asker) != nil else { return bucket.resetAt - now }
                bucket.remaining = max(bucket.remaining - 1, 0)
                buckets[key] = bucket
            }
        }
        if route.isUnderGlobalLimit { _ = global.take(at: now) }
        return .zero
    }

    /// Takes over what an answer tells.
    ///
    /// - Returns: how long to wait, where the answer was a refusal because of a limit.
    mutating func learn(
        from response: HTTPResponse, to route: DiscordRoute, by asker: String, at now: Duration
    ) -> Duration? {
        let headers = response.headers
        if let name = headers["X-RateLimit-Bucket"], names.count < Self.capacity { names[route.template] = name }
        let key = key(of: route)
        if let remaining = headers["X-RateLimit-Remaining"].flatMap({ Int($0) }), let reset = Self.reset(headers) {
            let told = buckets[key]?.told ?? []
            // Requests under way are not in the server's count yet: the smaller number is the safer one.
            let known = buckets[key].flatMap { $0.resetAt > now ? $0.remaining : nil } ?? remaining
            buckets[key] = Bucket(remaining: min(known, remaining), resetAt: now + reset, told: told)
        }
        let isShared = headers["X-RateLimit-Scope"] == "shared"
        if [401, 403].contains(response.status) || response.status == 429 && !isShared { refusals += 1 }
        defer { forget(at: now) }
        guard response.status == 429 else { return nil }
        let refusal = RateLimitRefusal(response)
        let until = now + refusal.wait
        if refusal.isGlobal {
            globalHold = max(globalHold, until)
            if !asker.isEmpty { toldOfGlobalHold.insert(asker) }
        } else {
            var bucket = buckets[key] ?? Bucket(remaining: 0, resetAt: until)
            bucket.remaining = 0
            bucket.resetAt = max(bucket.resetAt, until)
            if !asker.isEmpty { bucket.told.insert(asker) }
            buckets[key] = bucket
        }
        return refusal.wait
    }

    /// Buckets that are remembered, for tests of what grows.
    var bucketCount: Int { buckets.count }

    private func key(of route: DiscordRoute) -> Key {
        Key(bucket: names[route.template] ?? route.template, major: route.major)
    }

    private static func reset(_ headers: HTTPHeaders) -> Duration? {
        headers["X-RateLimit-Reset-After"].flatMap { Double($0) }.map { .seconds(min(max($0, 0), 86_400)) }
    }

    /// What is over needs no room.
    private mutating func forget(at now: Duration) {
        if globalHold <= now || toldOfGlobalHold.count > 1000 { toldOfGlobalHold = [] }
        guard buckets.count > Self.capacity else { return }
        buckets = buckets.filter { $0.value.resetAt > now }
        if buckets.count > Self.capacity { buckets = [:] }
    }
}

/// A 429, in whichever of its forms: the API's JSON with one of three scopes, or a page of the proxy before it.
struct RateLimitRefusal: Hashable, Sendable {
    var wait: Duration
    var isGlobal: Bool

    init(_ response: HTTPResponse) {
        let body = try? JSONDocument(parsing: response.bytes)
        let seconds = body?["retry_after"]?.double ?? response.headers["Retry-After"].flatMap { Double($0) }
        // The proxy's refusals are about our address, whatever we ask for.
        isGlobal =
            body?["global"]?.bool == true || response.headers["X-RateLimit-Scope"] == "global"
            || response.headers["X-RateLimit-Global"] == "true" || body?["message"] == nil
        wait = .seconds(min(max(seconds ?? (isGlobal ? 60 : 5), 0.05), 86_400))
    }
}
