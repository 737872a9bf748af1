import PraisonCore

/// How a kind of file is sent, and how it then stands in a message.
struct MediaForm: Sendable {
    let method: String
    /// The parameter that holds the file, and the message's member.
    let field: String
    let kind: Attachment.Kind
    var takesCaption = true

    static let all: [MediaForm] = [
        MediaForm(method: "sendPhoto", field: "photo", kind: .image),
        MediaForm(method: "sendDocument", field: "document", kind: .document),
        MediaForm(method: "sendVideo", field: "video", kind: .video),
        MediaForm(method: "sendAnimation", field: "animation", kind: .animation),
        MediaForm(method: "sendAudio", field: "audio", kind: .audio),
        MediaForm(method: "sendVoice", field: "voice", kind: .voice),
        MediaForm(method: "sendVideoNote", field: "video_note", kind: .video, takesCaption: false),
        MediaForm(method: "sendLivePhoto", field: "live_photo", kind: .video),
        MediaForm(method: "sendSticker", field: "sticker", kind: .sticker, takesCaption: false),
    ]

    /// The form for a kind of file that people send.
    static func form(of kind: Attachment.Kind) -> MediaForm {
        all.first { $0.kind == kind } ?? all[1]
    }

    /// The members a message with this file has.
    ///
    /// - Parameter given: what the sender says of it, such as its `duration`.
    func members(_ file: FileStore.File, _ given: [String: String] = [:]) -> [String: JSONValue] {
        var members = described(file, given)
        for (parameter, member) in [("has_spoiler", "has_media_spoiler"), ("show_caption_above_media", nil)]
        where given[parameter] == "true" {
            if ["photo", "live_photo", "video", "animation"].contains(field) { members[member ?? parameter] = true }
        }
        return members
    }

    private func described(_ file: FileStore.File, _ given: [String: String]) -> [String: JSONValue] {
        func number(_ name: String, else standard: Int) -> JSONValue {
            JSONValue(given[name].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? standard)
        }
        var object = file.json
        object["mime_type"] = file.mimeType.map(JSONValue.string)
        switch field {
        case "photo":
            object["mime_type"] = nil
            var small = object
            small["file_id"] = .string("\(file.id)s")
            small["file_unique_id"] = .string("\(file.uniqueID)s")
            small["file_size"] = JSONValue(min(file.size, 1000))
            (small["width"], small["height"]) = (90, 67)
            (object["width"], object["height"]) = (1280, 960)
            return ["photo": .array([.object(small), .object(object)])]
        case "video":
            object["width"] = number("width", else: 640)
            object["height"] = number("height", else: 360)
            object["duration"] = number("duration", else: 1)
            object["file_name"] = .string(file.name)
        case "live_photo":
            object["width"] = number("width", else: 640)
            object["height"] = number("height", else: 360)
            object["duration"] = number("duration", else: 1)
        case "animation":
            object["width"] = number("width", else: 320)
            object["height"] = number("height", else: 240)
            object["duration"] = number("duration", else: 1)
            object["file_name"] = .string(file.name)
            return ["animation": .object(object), "document": .object(object)]
        case "audio":
            object["duration"] = number("duration", else: 1)
            for name in ["title", "performer"] { object[name] = given[name].map(JSONValue.string) }
            object["file_name"] = .string(file.name)
        case "voice": object["duration"] = number("duration", else: 1)
        case "video_note":
            object["length"] = number("length", else: 240)
            object["duration"] = number("duration", else: 1)
            object["mime_type"] = nil
        case "sticker":
            (object["type"], object["width"], object["height"]) = ("regular", 512, 512)
            (object["is_animated"], object["is_video"], object["mime_type"]) = (false, false, nil)
        default: object["file_name"] = .string(file.name)
        }
        return [field: .object(object)]
    }
}

/// What is sent as a card of fields rather than as a file.
enum CardForm: String, CaseIterable {
    case location, venue, contact, poll, dice

    var method: String { "send\(rawValue.prefix(1).uppercased())\(rawValue.dropFirst())" }
}
