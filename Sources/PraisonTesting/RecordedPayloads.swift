public import Foundation
public import PraisonCore

/// A platform's recordings in `Fixtures/PLATFORM/inbound`: `NAME.json` is what the platform delivered, and
/// `NAME.event.json` what it means, as `praisonai replay --json` prints events.
public struct RecordedPayloads: Sendable {
    public let folder: URL
    public let platform: Platform
    /// Without `.json`, in order.
    public let names: [String]

    /// - Parameter folder: where else recordings of the same form are.
    public init(of platform: Platform, in folder: URL? = nil) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        self.folder = folder ?? root.appending(path: "Fixtures/\(platform)/inbound")
        self.platform = platform
        names = try FileManager.default.contentsOfDirectory(atPath: self.folder.path())
            .filter { $0.hasSuffix(".json") && !$0.hasSuffix(".event.json") && $0 != "index.json" }
            .map { String($0.dropLast(5)) }.sorted()
    }

    public func payload(_ name: String) throws -> JSONDocument {
        try JSONDocument(parsing: [UInt8](Data(contentsOf: folder.appending(path: "\(name).json"))))
    }

    public func expectation(_ name: String) throws -> String {
        try payload("\(name).event").value.prettyText()
    }

    /// The bot for whom the recordings were made; `receiver.json` beside the folder says who that is.
    public var receiver: Receiver {
        let file = folder.deletingLastPathComponent().appending(path: "receiver.json")
        let document = (try? Data(contentsOf: file)).flatMap { try? JSONDocument(parsing: [UInt8]($0)) }
        return Receiver(
            channel: ChannelName(platform.rawValue), id: document?["id"]?.scalarText.map { SenderID($0) },
            username: document?["username"]?.string, receivedAt: Timestamp(microseconds: 1_767_225_600_000_000))
    }

    /// An object for one event, a list for none or several.
    public func meaning(of payload: JSONDocument, to adapter: any ChannelAdapter.Type) -> String {
        let events = adapter.events(in: payload, for: receiver).map(\.replayJSON)
        return (events.count == 1 ? events[0] : .array(events)).prettyText()
    }
}
