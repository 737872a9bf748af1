import PraisonCore
import PraisonSimulation

extension World {
    /// Bytes a bot may upload, and bytes of a photo.
    static let uploadLimit = 50 << 20
    private static let photoLimit = 10 << 20
    /// Bytes a bot may download.
    private static let downloadLimit = 20 << 20

    mutating func sendMedia(_ form: MediaForm, _ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let caption = try caption(of: invocation.call, limit: form.takesCaption ? 1024 : 0)
        let target = try target(invocation)
        let file = try file(form, named: form.field, invocation)
        var content = form.members(file, invocation.call.fields)
        if !caption.text.isEmpty { content["caption"] = .string(caption.text) }
        content["caption_entities"] = caption.entitiesJSON
        return post(target, content, by: invocation.bot, files: [file])
    }

    /// A file given as upload, by `attach://NAME`, by `file_id` or by address.
    private mutating func file(
        _ form: MediaForm, named name: String, _ invocation: Invocation
    ) throws(BotRefusal) -> FileStore.File {
        let call = invocation.call
        if let upload = call.uploads[name] { return try add(upload, form) }
        guard let text = call.text(name) else { throw .badRequest("there is no \(form.field) in the request") }
        return try file(form, text, invocation)
    }

    private mutating func file(
        _ form: MediaForm, _ text: String, _ invocation: Invocation
    ) throws(BotRefusal) -> FileStore.File {
        if text.hasPrefix("attach://") {
            guard let upload = invocation.call.uploads[String(text.dropFirst(9))] else {
                throw .badRequest("there is no \(form.field) in the request")
            }
            return try add(upload, form)
        }
        if let upload = invocation.fetched[text] { return try add(upload, form) }
        if text.hasPrefix("http://") || text.hasPrefix("https://") {
            throw .badRequest("failed to get HTTP URL content")
        }
        guard let file = files.file(text) else {
            throw .badRequest("wrong file identifier/HTTP URL specified")
        }
        return file
    }

    private mutating func add(_ upload: BotCall.Upload, _ form: MediaForm) throws(BotRefusal) -> FileStore.File {
        guard !upload.content.isEmpty else { throw .badRequest("file must be non-empty") }
        guard upload.content.count <= Self.uploadLimit else { throw BotRefusal(413, "Request Entity Too Large") }
        guard form.kind != .image || upload.content.count <= Self.photoLimit else {
            throw .badRequest(
                "file of size \(upload.content.count) bytes is too big for a photo; the maximum size is "
                    + "\(Self.photoLimit) bytes")
        }
        return files.add(
            form.kind, name: upload.name, mimeType: FileStore.mimeType(of: upload, as: form.kind),
            content: upload.content)
    }

    // MARK: Albums

    mutating func sendMediaGroup(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        guard let list = invocation.call.json("media"), list.kind == .array else {
            throw .badRequest("can't parse InputMedia: Expected an Array")
        }
        let items = list.elements
        guard items.count <= 10 else { throw .badRequest("too many messages to send as an album") }
        guard items.count >= 2 else { throw .badRequest("too few messages to send as an album") }
        let target = try target(invocation)
        var parts: [(content: [String: JSONValue], file: FileStore.File)] = []
        for item in items { parts.append(try albumPart(item, invocation)) }
        let kinds = Set(parts.map(\.file.kind))
        guard kinds.count == 1 || kinds.isSubset(of: [.image, .video]) else {
            throw .badRequest("documents and audio can't be mixed with other media types in an album")
        }
        let group = String(14_000_000_000_000_000 + random(below: 1 << 40))
        return .array(
            parts.map { part in
                var content = part.content
                content["media_group_id"] = .string(group)
                return post(target, content, by: invocation.bot, files: [part.file])
            })
    }

    private mutating func albumPart(
        _ item: JSONDocument, _ invocation: Invocation
    ) throws(BotRefusal) -> ([String: JSONValue], FileStore.File) {
        guard ["photo", "video", "audio", "document"].contains(item["type"]?.string ?? "") else {
            throw .badRequest("can't parse InputMedia: wrong type of media for an album")
        }
        return try medium(item, invocation)
    }

    /// An `InputMedia`: the members of a message with it, caption included, and its file.
    ///
    /// Source: https://core.telegram.org/bots/api#inputmedia
    mutating func medium(
        _ item: JSONDocument, _ invocation: Invocation
    ) throws(BotRefusal) -> ([String: JSONValue], FileStore.File) {
        guard let form = MediaForm.all.first(where: { $0.takesCaption && $0.field == item["type"]?.string }) else {
            throw .badRequest("can't parse InputMedia: invalid InputMedia type specified")
        }
        // An object's members are what a call's parameters are.
        var fields: [String: String] = [:]
        for (name, value) in item.members { fields[name] = value.scalarText ?? value.value.text() }
        let caption = try caption(of: BotCall(method: "", token: "", fields: fields))
        let file = try file(form, fields["media"] ?? "", invocation)
        var content = form.members(file, fields)
        if !caption.text.isEmpty { content["caption"] = .string(caption.text) }
        content["caption_entities"] = caption.entitiesJSON
        return (content, file)
    }

    // MARK: Cards

    mutating func sendCard(_ card: CardForm, _ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let call = invocation.call
        let target = try target(invocation)
        var object: [String: JSONValue] = [:]
        func copy(_ names: String...) {
            for name in names { object[name] = call.text(name).map(JSONValue.string) }
        }
        let place: [String: JSONValue] = [
            "latitude": JSONValue(Double(call.text("latitude") ?? "") ?? 0),
            "longitude": JSONValue(Double(call.text("longitude") ?? "") ?? 0),
        ]
        switch card {
        case .location:
            object = place
            object["live_period"] = call.integer("live_period").map { JSONValue($0) }
        case .venue:
            copy("title", "address")
            object["location"] = .object(place)
        case .contact: copy("phone_number", "first_name", "last_name")
        case .poll:
            let options = (call.json("options")?.elements ?? []).compactMap { $0["text"]?.string ?? $0.string }
            guard (2...12).contains(options.count) else { throw .badRequest("poll must have at least 2 option") }
            copy("question")
            object["id"] = .string("\(50_000_000 + random(below: 1 << 30))")
            object["options"] = .array(
                options.enumerated().map {
                    ["persistent_id": .string(String($0)), "text": .string($1), "voter_count": 0]
                })
            object["total_voter_count"] = 0
            object["type"] = .string(call.text("type") ?? "regular")
            for name in ["is_closed", "allows_multiple_answers", "allows_revoting", "members_only"] {
                object[name] = .bool(call.flag(name))
            }
            object["is_anonymous"] = .bool(call.text("is_anonymous") == nil || call.flag("is_anonymous"))
        case .dice:
            object["emoji"] = .string(call.text("emoji") ?? "🎲")
            object["value"] = JSONValue(1 + random(below: 6))
        }
        return post(target, [card.rawValue: .object(object)], by: invocation.bot)
    }

    // MARK: Downloads

    func getFile(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        guard let id = invocation.call.text("file_id") else { throw .badRequest("file_id not specified") }
        guard let file = files.file(id) ?? files.file(String(id.dropLast())) else {
            throw .badRequest("wrong file_id or the file is temporarily unavailable")
        }
        guard file.size <= Self.downloadLimit else { throw .badRequest("file is too big") }
        var object = file.json
        object["file_path"] = .string(file.path)
        return .object(object)
    }
}
