import DiscordAdapter
import Foundation
import PraisonCore
import PraisonTesting

/// The recorded dispatches.
enum Fixtures {
    /// The bot for whom `Fixtures/discord` was written.
    static let receiver = Receiver(
        channel: "discord", id: "900000000000000001", username: "sim_bot",
        receivedAt: Timestamp(microseconds: 1_767_225_600_000_000))

    static func recordings() throws -> RecordedPayloads { try RecordedPayloads(of: DiscordAdapter.platform) }

    static func document(_ name: String) throws -> JSONDocument { try recordings().payload(name) }

    static func events(_ name: String) throws -> [GatewayEvent] {
        DiscordAdapter.events(in: try document(name), for: receiver)
    }

    /// Recorded traffic kept elsewhere, where the environment says so.
    static func corpus() throws -> RecordedPayloads? {
        try ProcessInfo.processInfo.environment["PRAISON_CORPUS"].map {
            try RecordedPayloads(of: DiscordAdapter.platform, in: URL(filePath: $0).appending(path: "discord"))
        }
    }
}

/// Not the one of Testing.
typealias Attachment = PraisonCore.Attachment
