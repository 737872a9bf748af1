import Foundation
import PraisonCore
import PraisonTesting
import TelegramAdapter

/// The recorded updates.
enum Fixtures {
    /// The bot for whom `Fixtures/telegram` was written.
    static let receiver = Receiver(
        channel: "telegram", id: "123456", username: "sim_bot",
        receivedAt: Timestamp(microseconds: 1_767_225_600_000_000))

    static func recordings() throws -> RecordedPayloads { try RecordedPayloads(of: TelegramAdapter.platform) }

    static func names() throws -> [String] { try recordings().names }

    static func document(_ name: String) throws -> JSONDocument { try recordings().payload(name) }

    /// Recorded traffic kept elsewhere, where the environment says so.
    static func corpus() throws -> RecordedPayloads? {
        try ProcessInfo.processInfo.environment["PRAISON_CORPUS"].map {
            try RecordedPayloads(of: TelegramAdapter.platform, in: URL(filePath: $0).appending(path: "telegram"))
        }
    }
}

/// Not the one of Testing.
typealias Attachment = PraisonCore.Attachment
