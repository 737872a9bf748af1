import PraisonCore

/// What a failing answer's headers say about asking again.
struct RetryAdvice: Hashable {
    /// Longer waits are not worth a person's while; the official clients give up beyond them too.
    static let longestWait: Duration = .seconds(120)

    /// How long to wait, as far as the server tells; always more than nothing.
    var delay: Duration?
    /// `x-should-retry`, which overrules the status.
    var shouldRetry: Bool?

    /// - Parameter now: what dates are compared with.
    init(_ headers: HTTPHeaders, now: Timestamp) {
        switch headers["x-should-retry"]?.trimmed.lowercased() {
        case "true": shouldRetry = true
        case "false": shouldRetry = false
        default: break
        }
        let candidates = [
            headers["retry-after-ms"].flatMap { Self.duration($0, unit: 0.001) },
            headers["retry-after"].flatMap { Self.duration($0, unit: 1) },
            headers["retry-after"].flatMap { HTTPDate.parse($0) }.map { $0 - now },
        ]
        delay = candidates.compactMap { $0 }.first { $0 > .zero }
    }

    /// Whether the wait asked for is longer than anybody waits.
    var forbidsRetry: Bool { delay.map { $0 > Self.longestWait } ?? false }

    private static func duration(_ text: String, unit: Double) -> Duration? {
        guard let number = Double(text.trimmed), number.isFinite, number > 0 else { return nil }
        // A wait of years is as good as one of a day.
        return .seconds(min(number * unit, 86_400))
    }
}
