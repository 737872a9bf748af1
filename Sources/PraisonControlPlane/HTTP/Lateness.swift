import PraisonCore
import Synchronization

/// How late the process comes to what is due, as the last hundred heartbeats have shown.
final class Lateness: Sendable {
    private static let limit = 100

    private let seen = Mutex<[Duration]>([])

    func note(_ lateness: Duration) {
        seen.withLock { seen in
            if seen.count == Self.limit { seen.removeFirst() }
            seen.append(max(lateness, .zero))
        }
    }

    /// Milliseconds, the last time.
    var last: Double { Self.milliseconds(seen.withLock { $0.last }) }

    /// Milliseconds that one in a hundred exceeds.
    var ninetyNinth: Double { Self.milliseconds(seen.withLock { $0.max() }) }

    private static func milliseconds(_ duration: Duration?) -> Double { (duration ?? .zero).inSeconds * 1000 }
}
