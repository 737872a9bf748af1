import PraisonCore

/// One call's share of a message: its text and files, or some of the files.
///
/// Source: https://docs.discord.com/developers/reference#uploading-files
struct Parcel: Sendable {
    struct File: Sendable {
        var name: String
        var mimeType: String?
        var content: [UInt8]
    }

    static let fileLimit = 10
    /// Bytes of one file, where a server has no boosts.
    static let sizeLimit = 10 << 20
    /// Bytes of all files of a call; a request may have 25 MiB.
    static let totalLimit = 24 << 20

    var text: String
    var files: [File] = []
    /// `nil` where there are none to put below it, or to take away.
    var buttons: [OutboundMessage.Button]?

    static func parcels(of message: OutboundMessage) throws(ChannelError) -> [Parcel] {
        var text = MessageSender.content(of: message)
        var addresses: [String] = []
        var files: [File] = []
        for file in message.files {
            // Discord fetches nothing for bots, but shows what an address leads to.
            if case .url(let url) = file.source {
                addresses.append(url)
            } else {
                files.append(
                    File(
                        name: file.name.isEmpty ? "file" : file.name, mimeType: file.mimeType,
                        content: try file.content(limit: sizeLimit)))
            }
        }
        var parcels: [Parcel] = []
        for address in addresses {
            let joined = text.isEmpty ? address : "\(text)\n\(address)"
            if joined.unicodeScalars.count <= MessageSender.textLimit {
                text = joined
            } else {
                parcels.append(Parcel(text: text))
                text = address
            }
        }
        let hasText = text.contains { !$0.isWhitespace }
        if hasText || !files.isEmpty { parcels.append(Parcel(text: hasText ? text : "")) }
        for file in files {
            let last = parcels[parcels.count - 1].files
            let size = last.reduce(file.content.count) { $0 + $1.content.count }
            if last.count >= fileLimit || size > totalLimit { parcels.append(Parcel(text: "")) }
            parcels[parcels.count - 1].files.append(file)
        }
        guard !parcels.isEmpty else { throw .malformed(reason: "a message without text and files") }
        parcels[parcels.count - 1].buttons = message.buttons
        return parcels
    }

    /// Without what only messages in channels have.
    var body: [String: JSONValue] {
        var body: [String: JSONValue] = ["allowed_mentions": MessageSender.nobody]
        if !text.isEmpty || files.isEmpty { body["content"] = .string(text) }
        if !files.isEmpty {
            body["attachments"] = .array(
                files.enumerated().map { ["id": JSONValue($0.offset), "filename": .string($0.element.name)] })
        }
        body["components"] = buttons.map(Self.components)
        return body
    }

    /// Rows of five, of which a message may have five.
    ///
    /// https://docs.discord.com/developers/components/reference#button
    static func components(of buttons: [OutboundMessage.Button]) -> JSONValue {
        let shown = Array(buttons.prefix(25))
        return .array(
            stride(from: 0, to: shown.count, by: 5).map { start in
                [
                    "type": 1,
                    "components": .array(
                        shown[start..<min(start + 5, shown.count)].map {
                            [
                                "type": 2, "style": 2, "label": .string(String($0.label.prefix(80))),
                                "custom_id": .string($0.data),
                            ]
                        }),
                ]
            })
    }
}
