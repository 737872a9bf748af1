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
        MediaForm(method: "sendSticker", field: "sticker", kind: .sticker, takesCaption: false),
    ]

    /// The form for a kind of file that people send.
    static func form(of kind: Attachment.Kind) -> MediaForm {
        all.first { $0.kind == kind } ?? all[1]
    }

    /// The members a message with this file has.
    func members(_ file: FileStore.File) -> [String: JSONValue] {
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
            (object["width"], object["height"], object["duration"]) = (640, 360, 1)
            object["file_name"] = .string(file.name)
        case "animation":
            (object["width"], object["height"], object["duration"]) = (320, 240, 1)
            object["file_name"] = .string(file.name)
            return ["animation": .object(object), "document": .object(object)]
        case "audio":
            object["duration"] = 1
            object["file_name"] = .string(file.name)
        case "voice": object["duration"] = 1
        case "video_note": (object["length"], object["duration"], object["mime_type"]) = (240, 1, nil)
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
