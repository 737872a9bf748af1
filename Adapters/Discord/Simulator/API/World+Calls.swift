import PraisonCore
import PraisonSimulation

/// What a method of the API is answered with.
enum Answer {
    case json(JSONValue)
    /// 204.
    case nothing
    /// 201 and such.
    case status(Int, JSONValue)
}

extension World {
    /// Carries out a call.
    ///
    /// - Parameter path: the segments after the version.
    mutating func answer(
        _ method: HTTPRequest.Method, _ path: [String], _ call: DiscordCall
    ) throws(APIRefusal) -> Answer {
        // Answers to interactions carry their token in the address.
        if path.first == "interactions" || path.first == "webhooks" { return try interaction(method, path, call) }
        if method == .get, path == ["gateway"] { return .json(["url": .string("ws://\(call.host)")]) }
        guard let bot = authenticate(call.token) else { throw .unauthorized }
        switch path.first {
        case "gateway": return .json(gateway(for: bot, call.host))
        case "users": return try users(method, Array(path.dropFirst()), call, bot)
        case "oauth2", "applications": return try application(method, path, call, bot)
        case "guilds": return try guild(Array(path.dropFirst()), bot)
        case "channels": return try channel(method, Array(path.dropFirst()), call, bot)
        default: throw .notFound
        }
    }

    private mutating func gateway(for bot: String, _ host: String) -> JSONValue {
        let (left, reset) = identifiesLeft(of: bot)
        return [
            "url": .string("ws://\(host)"), "shards": JSONValue(bots[bot]?.shards ?? 1),
            "session_start_limit": [
                "total": JSONValue(Self.identifyLimit), "remaining": JSONValue(left),
                "max_concurrency": JSONValue(bots[bot]?.maxConcurrency ?? 1),
                "reset_after": JSONValue(Int(reset.inSeconds * 1000)),
            ],
        ]
    }

    private mutating func users(
        _ method: HTTPRequest.Method, _ path: [String], _ call: DiscordCall, _ bot: String
    ) throws(APIRefusal) -> Answer {
        switch (method, path.count, path.first) {
        case (.get, 1, "@me"): return .json(user(bot))
        case (.get, 2, "@me"):
            return .json([
                [
                    "id": .string(Self.guild), "name": "Simulated", "icon": nil, "owner": false, "permissions": "8",
                    "features": [],
                ]
            ])
        case (.post, 2, "@me"):
            guard let person = (call.body["recipient_id"]).map({ $0.string ?? $0.text() }), UInt64(person) != nil else {
                throw .invalid("recipient_id", "This field is required")
            }
            return .json(.object(json(direct(with: person, bot))))
        case (.get, 1, let id): return .json(user(id ?? ""))
        default: throw .notFound
        }
    }

    private mutating func application(
        _ method: HTTPRequest.Method, _ path: [String], _ call: DiscordCall, _ bot: String
    ) throws(APIRefusal) -> Answer {
        guard let known = bots[bot] else { throw .unauthorized }
        if path.last == "@me" { return .json(known.application) }
        guard path.first == "applications", path.count > 2 else { throw .notFound }
        guard path[1] == bot else { throw APIRefusal(403, 20012, "You are not authorized to perform this action") }
        guard path.last == "commands" else { throw .notFound }
        switch method {
        case .get: return .json(.array(known.commands))
        case .put:
            guard let commands = call.body.array else { throw .invalid("_", "Must be a list") }
            var registered: [JSONValue] = []
            for command in commands {
                guard let name = command["name"]?.string, (1...32).contains(name.count), name == name.lowercased(),
                    name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
                else { throw .invalid("name", "Command name is invalid") }
                let description = command["description"]?.string ?? ""
                guard command["type"]?.int ?? 1 != 1 || (1...100).contains(description.count) else {
                    throw .invalid("description", "Must be between 1 and 100 in length.")
                }
                registered.append(registration(of: command, for: bot))
            }
            update(bot) { $0.commands = registered }
            return .json(.array(registered))
        case .post:
            let command = registration(of: call.body, for: bot)
            update(bot) { bot in
                bot.commands.removeAll { $0["name"] == command["name"] }
                bot.commands.append(command)
            }
            return .status(201, command)
        default: throw .notFound
        }
    }

    private mutating func registration(of command: JSONValue, for bot: String) -> JSONValue {
        let defaults: [String: JSONValue] = [
            "id": .string(nextID()), "application_id": .string(bot), "version": .string(nextID()), "type": 1,
            "default_member_permissions": nil, "nsfw": false, "description": "", "dm_permission": true,
            "integration_types": [0], "contexts": nil, "name_localizations": nil, "description_localizations": nil,
            "options": [],
        ]
        return .object(defaults.merging(command.object ?? [:]) { _, own in own })
    }

    private func guild(_ path: [String], _ bot: String) throws(APIRefusal) -> Answer {
        guard path.first == Self.guild else { throw .missingAccess }
        switch (path.count, path.dropFirst().first) {
        case (1, _): return .json(guildJSON(for: bot))
        case (2, "channels"): return .json(.array(listed(threads: false)))
        case (2, "roles"): return .json(guildJSON(for: bot)["roles"] ?? [])
        case (3, "members"):
            let id = path[2] == "@me" ? bot : path[2]
            return .json(bots[id]?.member ?? Self.member(user(id)))
        case (3, "threads"): return .json(["threads": .array(listed(threads: true)), "members": []])
        default: throw .notFound
        }
    }

    // MARK: Channels

    func place(_ id: String, for bot: String) throws(APIRefusal) -> SimulatedPlace {
        guard let place = places[id] else { throw .unknownChannel }
        guard !place.isDirect || place.bot == bot else { throw .missingAccess }
        return place
    }

    private mutating func channel(
        _ method: HTTPRequest.Method, _ path: [String], _ call: DiscordCall, _ bot: String
    ) throws(APIRefusal) -> Answer {
        guard let id = path.first else { throw .notFound }
        let place = try place(id, for: bot)
        switch (method, path.count, path.dropFirst().first) {
        case (.get, 1, _): return .json(.object(json(place)))
        case (.post, 2, "typing"):
            tell(typing(bot, in: place))
            return .nothing
        case (.post, 2, "threads"): return .status(201, try openThread(call.body, in: place, from: nil, by: bot))
        case (_, _, "messages"): return try messages(method, Array(path.dropFirst(2)), call, place, bot)
        default: throw .notFound
        }
    }

    private func typing(_ user: String, in place: SimulatedPlace) -> Dispatch {
        var data: [String: JSONValue] = [
            "channel_id": .string(place.id), "user_id": .string(user), "timestamp": JSONValue(Int(now.seconds)),
        ]
        if !place.isDirect {
            data["guild_id"] = .string(Self.guild)
            data["member"] = bots[user]?.member ?? Self.member(self.user(user))
        }
        return Dispatch(
            name: "TYPING_START", data: data, intent: place.isDirect ? 1 << 14 : 1 << 11, isDirect: place.isDirect)
    }

    mutating func openThread(
        _ body: JSONValue, in place: SimulatedPlace, from message: String?, by person: String
    ) throws(APIRefusal) -> JSONValue {
        guard let name = body["name"]?.string, !name.isEmpty else { throw .invalid("name", "This field is required") }
        guard !place.isDirect, !place.isThread else {
            throw APIRefusal(400, 50024, "Cannot execute action on this channel type")
        }
        // A thread that hangs on a message has its number.
        let thread = SimulatedPlace(
            id: message ?? nextID(), type: place.type == 5 ? 10 : body["type"]?.int ?? 11, name: name,
            parent: place.id, person: person)
        guard places[thread.id] == nil else {
            throw APIRefusal(400, 160004, "A thread has already been created for this message")
        }
        add(thread)
        var data = json(thread)
        data["newly_created"] = true
        tell(Dispatch(name: "THREAD_CREATE", data: data, intent: 1))
        return .object(data)
    }

    /// The direct conversation of a person and a bot.
    mutating func direct(with person: String, _ bot: String) -> SimulatedPlace {
        if let known = places.values.first(where: { $0.isDirect && $0.person == person && $0.bot == bot }) {
            return known
        }
        let place = SimulatedPlace(id: nextID(), type: 1, name: "", person: person, bot: bot)
        add(place)
        return place
    }
}
