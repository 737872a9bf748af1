import PraisonCore
import PraisonSimulation

extension World {
    static let textLimit = 2000
    private static let nonceLifetime = Duration.seconds(180)

    mutating func messages(
        _ method: HTTPRequest.Method, _ path: [String], _ call: DiscordCall, _ place: SimulatedPlace, _ bot: String
    ) throws(APIRefusal) -> Answer {
        guard let id = path.first else {
            switch method {
            case .get: return .json(.array(listed(place, call.query, for: bot)))
            case .post: return .json(try create(call, in: place, by: bot))
            default: throw .notFound
            }
        }
        guard let message = messages[id], message.place == place.id else { throw .unknownMessage }
        if path.count > 1, path[1] == "reactions" { return try reactions(method, path, message, place, bot) }
        if path.count == 2, path[1] == "threads", method == .post {
            return .status(201, try openThread(call.body, in: place, from: id, by: bot))
        }
        switch method {
        case .get: return .json(.object(message.json(for: bot)))
        case .patch: return .json(try edit(message, call, by: bot))
        case .delete:
            remove(message: id)
            var data: [String: JSONValue] = ["id": .string(id), "channel_id": .string(place.id)]
            if !place.isDirect { data["guild_id"] = .string(Self.guild) }
            tell(messageDispatch("MESSAGE_DELETE", data, in: place), to: place.bot)
            return .nothing
        default: throw .notFound
        }
    }

    /// Newest first, whichever part was asked for.
    private func listed(_ place: SimulatedPlace, _ query: [String: String], for bot: String) -> [JSONValue] {
        let limit = min(max(query["limit"].flatMap { Int($0) } ?? 50, 1), 100)
        let all = place.messages.compactMap { id in UInt64(id).map { (number: $0, id: id) } }
        let chosen: [(number: UInt64, id: String)]
        if let after = query["after"].flatMap({ UInt64($0) }) {
            chosen = Array(all.filter { $0.number > after }.prefix(limit))
        } else if let before = query["before"].flatMap({ UInt64($0) }) {
            chosen = all.filter { $0.number < before }.suffix(limit)
        } else if let around = query["around"].flatMap({ UInt64($0) }) {
            let middle = all.firstIndex { $0.number >= around } ?? all.count
            chosen = Array(all[max(middle - limit / 2, 0)..<min(middle + limit / 2 + 1, all.count)])
        } else {
            chosen = all.suffix(limit)
        }
        return chosen.reversed().compactMap { messages[$0.id].map { .object(Self.asAsked($0.json(for: bot))) } }
    }

    /// What is only told by the gateway.
    private static func asAsked(_ message: [String: JSONValue]) -> [String: JSONValue] {
        var message = message
        for name in ["guild_id", "member", "channel_type", "nonce"] { message[name] = nil }
        return message
    }

    // MARK: Creating

    private mutating func create(
        _ call: DiscordCall, in place: SimulatedPlace, by bot: String
    ) throws(APIRefusal) -> JSONValue {
        let nonce = call.body["nonce"].map { $0.string ?? $0.text() }
        if let nonce {
            guard nonce.count <= 25 else { throw .invalid("nonce", "Must be 25 or fewer in length.") }
            let key = "\(place.id)/\(bot)/\(nonce)"
            nonces = nonces.filter { uptime - $0.value.at < Self.nonceLifetime }
            if call.body["enforce_nonce"]?.bool == true, let known = nonces[key].flatMap({ messages[$0.message] }) {
                return .object(known.json(for: bot))
            }
        }
        let message = try make(call, in: place, by: bot, nonce: nonce)
        if let nonce { nonces["\(place.id)/\(bot)/\(nonce)"] = (message.id, uptime) }
        return .object(message.json(for: bot))
    }

    /// Checks what a bot wants to say, stores it, and tells everybody.
    mutating func make(
        _ call: DiscordCall, in place: SimulatedPlace, by bot: String, nonce: String? = nil,
        answering interaction: SimulatedInteraction? = nil
    ) throws(APIRefusal) -> StoredMessage {
        let content = call.body["content"]?.string ?? ""
        guard content.unicodeScalars.count <= Self.textLimit else {
            throw .invalid("content", "Must be 2000 or fewer in length.")
        }
        let embeds = call.body["embeds"]?.array ?? []
        guard content.contains(where: { !$0.isWhitespace }) || !call.uploads.isEmpty || !embeds.isEmpty else {
            throw APIRefusal(400, 50006, "Cannot send an empty message")
        }
        guard call.uploads.count <= 10 else { throw .invalid("files", "Must be 10 or fewer in length.") }
        guard call.uploads.values.allSatisfy({ $0.content.count <= 10 << 20 }) else {
            throw APIRefusal(413, 40005, "Request entity too large")
        }
        var members = envelope(by: bot, in: place, content: Self.trimmed(content))
        let (attachments, files) = keep(call.uploads, call.body["attachments"])
        members["attachments"] = .array(attachments)
        members["embeds"] = .array(embeds)
        members["components"] = call.body["components"] ?? []
        members["nonce"] = nonce.map(JSONValue.string)
        if let interaction {
            members["webhook_id"] = .string(bot)
            members["interaction_metadata"] = [
                "id": .string(interaction.id), "type": 2, "user": user(interaction.person),
                "authorizing_integration_owners": ["0": .string(place.isDirect ? "0" : Self.guild)],
            ]
        }
        if let reference = (call.body["message_reference"]?["message_id"]).map({ $0.string ?? $0.text() }) {
            if let target = messages[reference], target.place == place.id {
                refer(to: target, in: &members)
            } else if call.body["message_reference"]?["fail_if_not_exists"]?.bool != false {
                throw .invalid("message_reference", "Unknown message")
            }
        }
        let message = StoredMessage(members: members, place: place.id, bot: bot, files: files)
        store(message)
        tell(messageDispatch("MESSAGE_CREATE", members, in: place), to: place.bot)
        return message
    }

    static func trimmed(_ text: String) -> String {
        var rest = text[...]
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest.drop { $0.isWhitespace })
    }

    /// What every message has.
    mutating func envelope(by person: String, in place: SimulatedPlace, content: String) -> [String: JSONValue] {
        var members: [String: JSONValue] = [
            "id": .string(nextID()), "channel_id": .string(place.id), "author": user(person),
            "content": .string(content), "timestamp": .string(Self.iso(now)), "edited_timestamp": nil, "tts": false,
            "mention_everyone": .bool(content.contains("@everyone") && bots[person] == nil),
            "mentions": .array(mentioned(in: content)), "mention_roles": .array(mentionedRoles(in: content)),
            "attachments": [], "embeds": [], "pinned": false, "type": 0, "flags": 0, "components": [],
            "channel_type": JSONValue(place.type),
        ]
        if !place.isDirect {
            members["guild_id"] = .string(Self.guild)
            var member = (bots[person]?.member ?? Self.member(nil)).object ?? [:]
            member["user"] = nil
            members["member"] = .object(member)
        }
        if place.isThread { members["position"] = JSONValue(place.messages.count) }
        return members
    }

    private func mentioned(in content: String) -> [JSONValue] {
        numbers(in: content, after: ["<@", "<@!"]).map { id in
            guard case .object(var user) = self.user(id) else { return self.user(id) }
            user["member"] = Self.member(nil, roles: bots[id].map { [.string($0.role)] } ?? [])
            return .object(user)
        }
    }

    private func mentionedRoles(in content: String) -> [JSONValue] {
        numbers(in: content, after: ["<@&"]).map(JSONValue.string)
    }

    private func numbers(in content: String, after marks: [String]) -> [String] {
        var found: [String] = []
        for part in content.split(separator: "<").dropFirst(content.hasPrefix("<") ? 0 : 1) {
            let inside = "<" + part.prefix { $0 != ">" }
            for mark in marks where inside.hasPrefix(mark) {
                let digits = inside.dropFirst(mark.count)
                if UInt64(digits) != nil, !found.contains(String(digits)) { found.append(String(digits)) }
            }
        }
        return found
    }

    func refer(to target: StoredMessage, in members: inout [String: JSONValue]) {
        members["type"] = 19
        var reference: [String: JSONValue] = [
            "type": 0, "message_id": .string(target.id), "channel_id": .string(target.place),
        ]
        reference["guild_id"] = members["guild_id"]
        members["message_reference"] = .object(reference)
        var copy = target.members
        copy["referenced_message"] = nil
        members["referenced_message"] = .object(copy)
        // A reply pings whom it answers.
        if let author = target.members["author"], var mentions = members["mentions"]?.array,
            !mentions.contains(where: { $0["id"] == author["id"] })
        {
            mentions.append(author)
            members["mentions"] = .array(mentions)
        }
    }

    mutating func keep(
        _ uploads: [String: DiscordCall.Upload], _ descriptions: JSONValue?
    ) -> ([JSONValue], [(name: String, size: Int, kind: Attachment.Kind)]) {
        var attachments: [JSONValue] = []
        var files: [(name: String, size: Int, kind: Attachment.Kind)] = []
        for (number, upload) in uploads.sorted(by: { Int($0.key) ?? 0 < Int($1.key) ?? 0 }) {
            let described = descriptions?.array?.first { ($0["id"]?.string ?? $0["id"]?.text()) == number }
            let name = described?["filename"]?.string ?? upload.name
            attachments.append(attachment(name, upload.mimeType, upload.content))
            files.append((name, upload.content.count, .document))
        }
        return (attachments, files)
    }

    mutating func attachment(_ name: String, _ type: String?, _ content: [UInt8], seconds: Double? = nil) -> JSONValue {
        let id = nextID()
        keep(content, as: id)
        let url = "http://\(Self.fileHost)/attachments/\(id)/\(FormEncoding.escape(name))?ex=1&is=1&hm=1"
        var members: [String: JSONValue] = [
            "id": .string(id), "filename": .string(name), "size": JSONValue(content.count), "url": .string(url),
            "proxy_url": .string(url),
        ]
        members["content_type"] = type.map(JSONValue.string)
        if let seconds {
            members["duration_secs"] = JSONValue(seconds)
            members["waveform"] = "AAAA"
        }
        return .object(members)
    }

    // MARK: Changing

    private mutating func edit(
        _ message: StoredMessage, _ call: DiscordCall, by bot: String
    ) throws(APIRefusal) -> JSONValue {
        guard message.bot == bot else { throw APIRefusal(403, 50005, "Cannot edit a message authored by another user") }
        return .object(try change(message, call).json(for: bot))
    }

    mutating func change(_ message: StoredMessage, _ call: DiscordCall) throws(APIRefusal) -> StoredMessage {
        var message = message
        if let content = call.body["content"]?.string {
            guard content.unicodeScalars.count <= Self.textLimit else {
                throw .invalid("content", "Must be 2000 or fewer in length.")
            }
            message.members["content"] = .string(Self.trimmed(content))
        }
        if let embeds = call.body["embeds"]?.array { message.members["embeds"] = .array(embeds) }
        if let components = call.body["components"]?.array { message.members["components"] = .array(components) }
        message.members["edited_timestamp"] = .string(Self.iso(now))
        message.isEdited = true
        store(message)
        guard let place = places[message.place] else { return message }
        tell(messageDispatch("MESSAGE_UPDATE", message.members, in: place), to: place.bot)
        return message
    }

    func messageDispatch(_ name: String, _ data: [String: JSONValue], in place: SimulatedPlace) -> Dispatch {
        Dispatch(name: name, data: data, intent: place.isDirect ? 1 << 12 : 1 << 9, isDirect: place.isDirect)
    }

    // MARK: Texts

    /// With addresses of files that lead back to where the asker has reached us.
    static func addressed(_ text: String, _ host: String) -> String {
        // Hardly anything has files, and a byte is found quickly.
        text.utf8.contains(0x7F) ? text.replacing(fileHost, with: host) : text
    }

    /// `2026-01-05T00:49:53.676000+00:00`
    static func iso(_ time: Timestamp) -> String {
        let seconds = time.microseconds / 1_000_000
        let (days, rest) = (seconds / 86_400, seconds % 86_400)
        // The civil calendar from days since 1970, in years that begin in March.
        let era = days + 719_468
        let dayOfEra = era % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era / 146_097 * 400 + (month <= 2 ? 1 : 0)
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let fraction = String(String(1_000_000 + time.microseconds % 1_000_000).dropFirst())
        return "\(year)-\(two(month))-\(two(day))T\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
            + ".\(fraction)+00:00"
    }
}
