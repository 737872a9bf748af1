import Foundation
import PraisonCore
import TelegramAdapter

/// The folders of recorded payloads.
enum Fixtures {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/telegram/inbound")

    /// The bot for whom `Fixtures/telegram` was written.
    static let receiver = Receiver(
        channel: "telegram", id: "123456", username: "sim_bot",
        receivedAt: Timestamp(microseconds: 1_767_225_600_000_000))

    /// The recorded updates, by name.
    static func names(in folder: URL = folder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path())
            .filter { $0.hasSuffix(".json") && !$0.hasSuffix(".event.json") && $0 != "index.json" }
            .map { String($0.dropLast(5)) }.sorted()
    }

    static func document(_ name: String, in folder: URL = folder) throws -> JSONDocument {
        try JSONDocument(parsing: [UInt8](Data(contentsOf: folder.appending(path: "\(name).json"))))
    }

    /// Recorded traffic kept elsewhere, where the environment says so.
    static var corpus: URL? {
        ProcessInfo.processInfo.environment["PRAISON_CORPUS"].map { URL(filePath: $0).appending(path: "telegram") }
    }

    static func event(_ name: String) throws -> GatewayEvent? {
        TelegramUpdate.event(in: try document(name), for: receiver)
    }

    static func message(_ name: String) throws -> InboundMessage? { try event(name)?.message }
}
