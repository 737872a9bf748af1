import GRDB
public import PraisonCore
import Synchronization

/// Who was let in, as of one version of the table.
struct PairedSenders {
    var version: Int64?
    var byChannel: [ChannelName: Set<SenderID>] = [:]
}

extension SQLiteJournal {
    /// Codes of one channel that wait for approval; beyond that the oldest gives way, so that a crowd at the door fills
    /// no disk.
    static let maximumPendingPairings = 1_000

    /// Cheap enough to ask for every message: reads one number unless somebody was let in or out since.
    public func pairedSenders(of channel: ChannelName) async throws -> Set<SenderID> {
        let known = pairedSendersSeen.withLock { ($0.version, $0.byChannel[channel]) }
        let (version, senders) = try await store.read { database -> (Int64?, Set<SenderID>) in
            let version = try Int64.fetchOne(
                database.cachedStatement(sql: "SELECT version FROM paired_version"))
            if let senders = known.1, version == known.0 { return (version, senders) }
            let senders = try String.fetchSet(
                database, sql: "SELECT sender FROM paired WHERE channel = ?", arguments: [channel.rawValue])
            return (version, Set(senders.map(SenderID.init(rawValue:))))
        }
        pairedSendersSeen.withLock { seen in
            if let newer = seen.version, let version, newer > version { return }
            if seen.version != version { seen = PairedSenders(version: version) }
            seen.byChannel[channel] = senders
        }
        return senders
    }

    public func requestPairing(_ request: PairingRequest) async throws {
        let json = try JSONColumn.text(request)
        let now = clock.now
        let channel = request.channel.rawValue
        try await store.write { database in
            try database.execute(
                sql: "DELETE FROM pairing_request WHERE expires_at <= ?", arguments: [now.microseconds])
            try database.execute(
                sql: """
                    INSERT INTO pairing_request (channel, sender, code, request_json, requested_at, expires_at)
                    VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (channel, sender) DO UPDATE SET
                        code = excluded.code, request_json = excluded.request_json,
                        requested_at = excluded.requested_at, expires_at = excluded.expires_at
                    """,
                arguments: [
                    channel, request.sender.id.rawValue, request.code, json, request.requestedAt.microseconds,
                    request.expiresAt.microseconds,
                ])
            try database.execute(
                sql: """
                    DELETE FROM pairing_request WHERE channel = ? AND rowid NOT IN (
                        SELECT rowid FROM pairing_request WHERE channel = ? ORDER BY requested_at DESC, rowid DESC LIMIT ?)
                    """, arguments: [channel, channel, Self.maximumPendingPairings])
        }
    }

    /// Codes that have not expired, the oldest first.
    public func pendingPairings() async throws -> [PairingRequest] {
        let now = clock.now
        let texts = try await store.read { database in
            try String.fetchAll(
                database,
                sql: "SELECT request_json FROM pairing_request WHERE expires_at > ? ORDER BY requested_at, rowid",
                arguments: [now.microseconds])
        }
        return try texts.map { try JSONColumn.value(PairingRequest.self, from: $0) }
    }

    /// - Parameter code: in capitals or not.
    public func approvePairing(
        channel: ChannelName, code: String, at now: Timestamp
    ) async throws -> PairingRequest? {
        let text = try await store.write { database in
            let text = try String.fetchOne(
                database,
                sql: """
                    DELETE FROM pairing_request WHERE channel = ? AND code = ? AND expires_at > ? RETURNING request_json
                    """, arguments: [channel.rawValue, code.uppercased(), now.microseconds])
            guard let text else { return String?.none }
            let request = try JSONColumn.value(PairingRequest.self, from: text)
            try database.execute(
                sql: "INSERT OR REPLACE INTO paired (channel, sender, request_json, paired_at) VALUES (?, ?, ?, ?)",
                arguments: [channel.rawValue, request.sender.id.rawValue, text, now.microseconds])
            return text
        }
        return try text.map { try JSONColumn.value(PairingRequest.self, from: $0) }
    }

    public func revokePairing(channel: ChannelName, sender: SenderID) async throws -> Bool {
        try await store.write { database in
            try database.execute(
                sql: "DELETE FROM paired WHERE channel = ? AND sender = ?",
                arguments: [channel.rawValue, sender.rawValue])
            return database.changesCount > 0
        }
    }
}
