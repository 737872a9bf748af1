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

    /// - Parameter read: the file as it is now; `nil` where there is none, or it can't be read.
    public init(cryptography: any Cryptography, read: @escaping @Sendable () -> [UInt8]?) {
        self.read = read
        self.cryptography = cryptography
        applied = read().map { Self.fingerprint($0, cryptography) }
    }

    /// Notes that it was read again, and whether it could be used.
    public func noteReading(isGood: Bool, at time: Timestamp) {
        last.withLock { $0 = Reading(isGood: isGood, at: time) }
    }

    /// Members of `/health`.
    var json: [String: JSONValue] {
        let onDisk = read().map { Self.fingerprint($0, cryptography) }
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
        String(cryptography.sha256(bytes).prefix(6).map(Hex.text).joined())
    }
}
