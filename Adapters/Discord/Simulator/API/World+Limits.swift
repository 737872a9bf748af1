import PraisonCore

extension World {
    /// What a bucket allows: 5 messages in 5 seconds to a channel, 20 of anything else in 10.
    private static func allowance(_ template: String) -> (limit: Int, window: Double) {
        switch template {
        case "POST channels/messages", "PATCH channels/messages": (5, 5)
        case "POST channels/typing": (5, 5)
        default: (20, 10)
        }
    }

    /// Counts a call in.
    ///
    /// - Returns: the headers of its answer, and how long to wait where it is one too many.
    mutating func count(
        _ method: HTTPRequest.Method, _ path: [String], bot: String
    ) -> (headers: HTTPHeaders, wait: Double?) {
        // Words name the bucket; the first number is the resource it is kept for.
        let words = path.filter { UInt64($0) == nil && !$0.contains(where: { !$0.isASCII }) }.prefix(2)
        let template = "\(method.rawValue) \(words.joined(separator: "/"))"
        let major = path.dropFirst().first ?? ""
        let (limit, window) = Self.allowance(template)
        let key = "\(bot)/\(template)/\(major)"
        if buckets.count > 10_000 { buckets = buckets.filter { $0.value.resetAt > uptime } }
        var bucket = buckets[key] ?? (limit, uptime + .seconds(window))
        if bucket.resetAt <= uptime { bucket = (limit, uptime + .seconds(window)) }
        let left = (bucket.resetAt - uptime).inSeconds
        let isOver = bucket.remaining == 0
        bucket.remaining = max(bucket.remaining - 1, 0)
        buckets[key] = bucket
        let headers: HTTPHeaders = [
            "X-RateLimit-Limit": "\(limit)", "X-RateLimit-Remaining": "\(bucket.remaining)",
            "X-RateLimit-Reset": "\((now + .seconds(left)).seconds)", "X-RateLimit-Reset-After": "\(left)",
            "X-RateLimit-Bucket": Self.name(of: template),
        ]
        return (headers, isOver ? left : nil)
    }

    /// Something that looks like a hash, always the same.
    private static func name(of template: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in template.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return String(hash, radix: 16)
    }
}
