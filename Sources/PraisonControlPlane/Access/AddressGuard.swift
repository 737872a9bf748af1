import PraisonCore
import Synchronization

/// Keeps one address from wearing the gateway down: upgrades a minute, and refused ones. This machine itself is exempt.
final class AddressGuard: Sendable {
    enum Verdict: Hashable, Sendable {
        case admitted
        case tooManyUpgrades(retryAfter: Duration)
        /// Too many that did not authenticate.
        case tooManyRefusals(retryAfter: Duration)
    }

    /// Addresses remembered at once; more, and the oldest windows are forgotten.
    private static let capacity = 10_000
    private static let window = Duration.seconds(60)

    private struct Record {
        var since: Duration
        var upgrades = 0
        var refusals = 0
        var adminCalls = 0
    }

    private let records = Mutex<[String: Record]>([:])
    private let maxUpgrades: Int
    private let maxRefusals: Int
    private let maxAdminCalls: Int
    private let clock: any GatewayClock

    init(_ server: ServerSettings, clock: any GatewayClock) {
        maxUpgrades = server.maxUpgradesPerMinute
        maxRefusals = server.preauthMaxConnectionsPerIP
        maxAdminCalls = server.maxAdminCallsPerMinute
        self.clock = clock
    }

    /// Counts a call that changes something about the gateway.
    ///
    /// - Returns: `nil` when it may be carried out, else how long it has to wait.
    func adminCall(from address: String?) -> Duration? {
        guard maxAdminCalls > 0 else { return nil }
        return note(address) { record, left -> Duration? in
            record.adminCalls += 1
            return record.adminCalls > maxAdminCalls ? left : nil
        } ?? nil
    }

    /// Counts an upgrade from `address`.
    func upgrade(from address: String?) -> Verdict {
        note(address) { record, left in
            if record.refusals >= maxRefusals { return .tooManyRefusals(retryAfter: left) }
            record.upgrades += 1
            return maxUpgrades > 0 && record.upgrades > maxUpgrades ? .tooManyUpgrades(retryAfter: left) : .admitted
        } ?? .admitted
    }

    /// Whether `address` has shown too many wrong tokens to be listened to.
    func isBarred(_ address: String?) -> Bool {
        note(address) { record, _ in record.refusals >= maxRefusals } ?? false
    }

    /// Counts a token that was wrong or missing.
    func refused(_ address: String?) {
        note(address) { record, _ in record.refusals += 1 }
    }

    @discardableResult
    private func note<Value>(_ address: String?, _ change: (inout Record, _ left: Duration) -> Value) -> Value? {
        guard let address, !Loopback.isPeer(address) else { return nil }
        let now = clock.uptime
        return records.withLock { records in
            var record = records[address] ?? Record(since: now)
            if now - record.since >= Self.window { record = Record(since: now) }
            if records[address] == nil, records.count >= Self.capacity {
                records = records.filter { now - $0.value.since < Self.window }
                // All are recent: an attack from everywhere. Forgetting some costs less than growing.
                if records.count >= Self.capacity { records.removeAll() }
            }
            let value = change(&record, Self.window - (now - record.since))
            records[address] = record
            return value
        }
    }
}
