import PraisonCore

/// Reads the media, places and cards of a message. Nothing is fetched; `reference` is the `file_id` to fetch by.
enum AttachmentReader {
    static func attachments(of message: JSONDocument) -> [Attachment] {
        if let photo = message["photo"] { return image(photo).map { [$0] } ?? [] }
        // An animation fills `document` as well, a venue `location`; so the order matters.
        if let animation = message["animation"] { return [file(.animation, animation)] }
        if let video = message["video"] { return [file(.video, video)] }
        if let voice = message["voice"] { return [file(.voice, voice)] }
        if let audio = message["audio"] { return [song(audio)] }
        if let document = message["document"] { return [file(.document, document)] }
        if let live = message["live_photo"] { return [livePhoto(live)] }
        if let sticker = message["sticker"] { return [picture(sticker)] }
        if let note = message["video_note"] { return [file(.video, note, title: "video note")] }
        if let venue = message["venue"] { return [place(venue)] }
        if let location = message["location"] {
            return [Attachment(kind: .location, title: coordinates(location))]
        }
        if let contact = message["contact"] { return [card(contact)] }
        if let poll = message["poll"] { return [Attachment(kind: .poll, title: poll["question"]?.string)] }
        if let dice = message["dice"] {
            let parts = [dice["emoji"]?.string, dice["value"]?.scalarText]
            return [Attachment(kind: .dice, title: parts.compactMap { $0 }.joined(separator: " "))]
        }
        if let story = message["story"] {
            return [Attachment(kind: .story, title: TelegramChat(story["chat"])?.title)]
        }
        if let paid = message["paid_media"] { return paid["paid_media"]?.elements.map(paidMedium) ?? [] }
        return curiosity(in: message).map { [$0] } ?? []
    }

    /// Telegram offers a photo in several sizes under one list; the largest is the photo.
    private static func image(_ sizes: JSONDocument) -> Attachment? {
        let largest = sizes.elements.max { area($0) < area($1) }
        guard let largest else { return nil }
        var image = file(.image, largest)
        image.mimeType = "image/jpeg"
        return image
    }

    /// A still with a few seconds around it. The still is what can be looked at.
    private static func livePhoto(_ live: JSONDocument) -> Attachment {
        live["photo"].flatMap(image) ?? file(.video, live, title: "live photo")
    }

    private static func area(_ size: JSONDocument) -> Double {
        (size["width"]?.double ?? 0) * (size["height"]?.double ?? 0)
    }

    private static func file(_ kind: Attachment.Kind, _ file: JSONDocument, title: String? = nil) -> Attachment {
        Attachment(
            kind: kind, reference: file["file_id"]?.string, uniqueReference: nonEmpty(file["file_unique_id"]?.string),
            fileName: file["file_name"]?.string, mimeType: file["mime_type"]?.string, size: file["file_size"]?.int,
            duration: file["duration"]?.int, title: title)
    }

    private static func nonEmpty(_ text: String?) -> String? { text?.isEmpty == false ? text : nil }

    private static func song(_ audio: JSONDocument) -> Attachment {
        let parts = [audio["performer"]?.string, audio["title"]?.string].compactMap { $0 }
        return file(.audio, audio, title: parts.isEmpty ? nil : parts.joined(separator: " – "))
    }

    private static func picture(_ sticker: JSONDocument) -> Attachment {
        var picture = file(.sticker, sticker, title: sticker["emoji"]?.string)
        picture.mimeType =
            if sticker["is_video"]?.bool == true {
                "video/webm"
            } else if sticker["is_animated"]?.bool == true {
                "application/x-tgsticker"
            } else {
                "image/webp"
            }
        return picture
    }

    private static func coordinates(_ location: JSONDocument?) -> String? {
        guard let latitude = location?["latitude"]?.scalarText, let longitude = location?["longitude"]?.scalarText
        else { return nil }
        return "\(latitude),\(longitude)"
    }

    private static func place(_ venue: JSONDocument) -> Attachment {
        let parts = [venue["title"]?.string, venue["address"]?.string, coordinates(venue["location"])]
        return Attachment(kind: .location, title: parts.compactMap { $0 }.joined(separator: ", "))
    }

    private static func card(_ contact: JSONDocument) -> Attachment {
        let parts = [contact["first_name"]?.string, contact["last_name"]?.string, contact["phone_number"]?.string]
        return Attachment(kind: .contact, title: parts.compactMap { $0 }.joined(separator: " "))
    }

    private static func paidMedium(_ medium: JSONDocument) -> Attachment {
        if let photo = medium["photo"], let image = image(photo) { return image }
        if let video = medium["video"] { return file(.video, video) }
        return Attachment(kind: .other, title: "paid media, not bought")
    }

    private static func curiosity(in message: JSONDocument) -> Attachment? {
        if let game = message["game"] { return Attachment(kind: .other, title: titled("game", game)) }
        if let invoice = message["invoice"] { return Attachment(kind: .other, title: titled("invoice", invoice)) }
        if let list = message["checklist"] { return Attachment(kind: .other, title: titled("checklist", list)) }
        return nil
    }

    /// Media of a kind that did not exist when this was written, beside a caption that alone would not tell of it.
    static func unknown(in message: JSONDocument) -> Attachment? {
        ServiceReader.body(of: message).map { file(.other, $0.value, title: $0.name) }
    }

    private static func titled(_ name: String, _ object: JSONDocument) -> String {
        object["title"]?.string.map { "\(name): \($0)" } ?? name
    }
}
