public import PraisonCore
import Synchronization

/// Which configuration is in effect, for `/health`: what the file was at the start, whether it has changed since, and
/// what came of reading it again.
public final class ConfigurationRecord: Sendable {
    private struct Reading {
        var isGood: Bool
        var at: Timestamp
    }

    private let read: @Sendable () -> [UInt8]?
    private let cryptography: any Cryptography
    /// What is in effect, as a fingerprint; `nil` where there was no file.
    let applied: String?
    private let last = Mutex<Reading?>(nil)
    private let seen: Mutex<(revision: String?, at: Duration)>

    /// Whoever asks may ask often; so long a look at the file holds.
    private static let patience = Duration.seconds(1)

    /// - Parameter read: the file as it is now; `nil` where there is none, or it can't be read.
    public init(cryptography: any Cryptography, read: @escaping @Sendable () -> [UInt8]?) {
        self.read = read
        self.cryptography = cryptography
        let revision = read().map { Self.fingerprint($0, cryptography) }
        applied = revision
        seen = Mutex((revision, .zero))
    }

    /// Notes that it was read again, and whether it could be used.
    public func noteReading(isGood: Bool, at time: Timestamp) {
        last.withLock { $0 = Reading(isGood: isGood, at: time) }
    }

    /// The file's fingerprint now, or a moment ago.
    private func revision(at now: Duration) -> String? {
        seen.withLock { seen in
            if now - seen.at >= Self.patience { seen = (read().map { Self.fingerprint($0, cryptography) }, now) }
            return seen.revision
        }
    }

    /// Members of `/health`.
    ///
    /// - Parameter now: the clock's uptime.
    func json(at now: Duration) -> [String: JSONValue] {
        let onDisk = revision(at: now)
        let last = last.withLock { $0 }
        return [
            // Only tokens are taken over while the gateway runs, at SIGHUP; nobody watches the file.
            "reload": [
                "watcher": "off", "last_result": .string(last.map { $0.isGood ? "ok" : "failed" } ?? "never"),
                "last_at": last.map { JSONValue($0.at.seconds) } ?? .null, "changed_paths": [],
                // Whoever asks may be anybody.
                "error": last?.isGood == false ? "the configuration can't be used; the log tells why" : .null,
            ],
            "applied_config_revision": JSONValue(applied), "on_disk_config_revision": JSONValue(onDisk),
            "config_drift": .bool(applied != onDisk),
        ]
    }

    private static func fingerprint(_ bytes: [UInt8], _ cryptography: any Cryptography) -> String {
        cryptography.sha256(bytes).prefix(6).map(Hex.text).joined()
    }
}
