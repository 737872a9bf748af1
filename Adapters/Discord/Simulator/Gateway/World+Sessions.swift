import PraisonCore
import PraisonSimulation

extension World {
    /// Identifies of one bot within 24 hours, after which its token is taken away.
    static let identifyLimit = 1000
    /// Seconds within which a bucket may identify once.
    private static let identifySpacing = Duration.seconds(5)
    private static let maximumSessions = 1_000
    private static let knownIntents = 1 << 26 - 1

    /// Identifies left today, and when the first of them comes back.
    mutating func identifiesLeft(of bot: String) -> (count: Int, resetAfter: Duration) {
        var left = Self.identifyLimit
        var reset = Duration.zero
        let uptime = uptime
        update(bot) { bot in
            bot.identifies.removeAll { $0 + .seconds(86_400) <= uptime }
            left -= bot.identifies.count
            reset = bot.identifies.first.map { $0 + .seconds(86_400) - uptime } ?? .zero
        }
        return (left, reset)
    }

    /// - Returns: the new session; `nil` when there is none, and the connection was told why.
    mutating func identify(
        _ data: JSONDocument?, _ port: GatewayPort, host: String, refusesTokens: Bool
    ) -> String? {
        guard !refusesTokens, let token = data?["token"]?.string, let id = authenticate(bare(token)) else {
            port.close(4004)
            return nil
        }
        let shard = data?["shard"]?[0]?.int ?? 0
        let shards = data?["shard"]?[1]?.int ?? 1
        guard shards > 0, (0..<shards).contains(shard) else {
            port.close(4010)
            return nil
        }
        guard let intents = data?["intents"]?.int, intents >= 0, intents <= Self.knownIntents else {
            port.close(4013)
            return nil
        }
        let flags = bots[id]?.flags ?? 0
        let isAllowed =
            (intents & 1 << 1 == 0 || flags & (1 << 14 | 1 << 15) != 0)
            && (intents & 1 << 15 == 0 || flags & (1 << 18 | 1 << 19) != 0)
        guard isAllowed else {
            port.close(4014)
            return nil
        }
        guard identifiesLeft(of: id).count > 0 else {
            update(id) { $0.isTokenReset = true }
            port.close(4004)
            return nil
        }
        let bucket = shard % max(bots[id]?.maxConcurrency ?? 1, 1)
        if let last = bots[id]?.lastIdentify[bucket], last + Self.identifySpacing > uptime {
            invalidate(port, isResumable: false)
            return nil
        }
        let uptime = uptime
        update(id) { bot in
            bot.identifies.append(uptime)
            bot.lastIdentify[bucket] = uptime
            bot.hasIdentified = true
        }
        let session = nextToken()
        if sessions.count >= Self.maximumSessions {
            for (key, state) in sessions where state.connection == nil { sessions[key] = nil }
        }
        sessions[session] = GatewaySessionState(id: session, bot: id, shard: shard, shards: shards, intents: intents)
        sessions[session]?.connection = port
        begin(session, id, host: host)
        return session
    }

    /// SDKs differ in whether the word Bot is part of it.
    private func bare(_ token: String) -> String { token.hasPrefix("Bot ") ? String(token.dropFirst(4)) : token }

    private mutating func begin(_ session: String, _ id: String, host: String) {
        guard let bot = bots[id], let state = sessions[session] else { return }
        let holdsGuild = (UInt64(Self.guild) ?? 0) >> 22 % UInt64(state.shards) == UInt64(state.shard)
        sessions[session]?.tell(
            "READY",
            [
                "v": 10, "user": bot.user, "session_id": .string(session), "session_type": "normal",
                "guilds": holdsGuild ? [["id": .string(Self.guild), "unavailable": true]] : [],
                "resume_gateway_url": .string("ws://\(resumeHost ?? host)"), "private_channels": [],
                "user_settings": [:],
                "relationships": [], "presences": [], "guild_join_requests": [], "geo_ordered_rtc_regions": [],
                "shard": [JSONValue(state.shard), JSONValue(state.shards)], "_trace": ["[\"simulator\"]"],
                "application": ["id": .string(id), "flags": JSONValue(bot.flags)], "auth": [:],
            ])
        let guild = guildJSON(for: id)
        if holdsGuild, state.intents & 1 != 0 { sessions[session]?.tell("GUILD_CREATE", guild) }
        let waiting = bot.mailbox
        update(id) { $0.mailbox = [] }
        for dispatch in waiting { tell(dispatch, in: session) }
        befall(session)
    }

    mutating func resume(_ data: JSONDocument?, _ port: GatewayPort, refusesTokens: Bool) -> String? {
        guard !refusesTokens, let token = data?["token"]?.string, let bot = authenticate(bare(token)) else {
            port.close(4004)
            return nil
        }
        let id = data?["session_id"]?.string ?? ""
        if let state = sessions[id], state.isOver(at: uptime) { sessions[id] = nil }
        if let said = faults.takeOwn("invalid_session", of: "resume") {
            if said["resumable"]?.bool != true { sessions[id] = nil }
            invalidate(port, isResumable: said["resumable"]?.bool ?? false)
            return nil
        }
        guard let state = sessions[id], state.bot == bot, let sequence = data?["seq"]?.int else {
            invalidate(port, isResumable: false)
            return nil
        }
        guard sequence <= state.sequence else {
            sessions[id] = nil
            port.close(4007)
            return nil
        }
        guard let missed = state.missed(after: sequence) else {
            sessions[id] = nil
            invalidate(port, isResumable: false)
            return nil
        }
        // Whoever was connected before is not any more.
        state.connection?.close(4000)
        sessions[id]?.connection = port
        sessions[id]?.leftAt = nil
        for text in missed { port.send(text, isDispatch: true) }
        sessions[id]?.tell("RESUMED", ["_trace": ["[\"simulator\"]"]])
        befall(id)
        return id
    }

    private func invalidate(_ port: GatewayPort, isResumable: Bool) {
        port.send(JSONValue.object(["op": 9, "s": nil, "t": nil, "d": .bool(isResumable)]).text())
    }

    /// A connection has ended; the session waits, unless its client said that it goes.
    mutating func leave(_ session: String, code: WebSocketCloseCode?) {
        sessions[session]?.connection = nil
        sessions[session]?.leftAt = uptime
        if code == .normal || code == .goingAway { sessions[session] = nil }
    }

    // MARK: Telling

    /// Tells every bot that may hear it.
    ///
    /// - Parameter bot: only this one; `nil` for all.
    mutating func tell(_ dispatch: Dispatch, to bot: String? = nil) {
        for id in bot.map({ [$0] }) ?? bots.keys.sorted() {
            if bots[id]?.hasIdentified != true {
                update(id) { if $0.mailbox.count < 1000 { $0.mailbox.append(dispatch) } }
                continue
            }
            for session in sessions.values.filter({ $0.bot == id }).map(\.id).sorted() { tell(dispatch, in: session) }
        }
    }

    mutating func tell(_ dispatch: Dispatch, in session: String) {
        guard let state = sessions[session] else { return }
        guard !state.isOver(at: uptime) else {
            sessions[session] = nil
            return
        }
        if let intent = dispatch.intent, state.intents & intent == 0 { return }
        let holder = dispatch.isDirect ? 0 : Int((UInt64(Self.guild) ?? 0) >> 22 % UInt64(state.shards))
        guard holder == state.shard else { return }
        var data = dispatch.data
        if dispatch.name.hasPrefix("MESSAGE_"), !dispatch.isDirect { strip(&data, for: state) }
        sessions[session]?.tell(dispatch.name, .object(data))
    }

    /// Without the intent, texts come only to those they name.
    private func strip(_ data: inout [String: JSONValue], for state: GatewaySessionState) {
        guard state.intents & 1 << 15 == 0, data["content"] != nil else { return }
        let isOwn = data["author"]?["id"]?.string == state.bot
        let isNamed = data["mentions"]?.array?.contains { $0["id"]?.string == state.bot } ?? false
        guard !isOwn, !isNamed else { return }
        data["content"] = ""
        for name in ["attachments", "embeds", "components"] { data[name] = [] }
        data["poll"] = nil
    }

    mutating func tellMembers(_ data: JSONDocument?, in session: String) {
        let wanted = data?["user_ids"]
        let ids = wanted.map { $0.kind == .array ? $0.elements.compactMap(\.scalarText) : [$0.scalarText ?? ""] }
        let known = bots.keys.sorted() + people.values.sorted()
        let members = (ids ?? known).filter { known.contains($0) }.map { Self.member(user($0)) }
        var chunk: [String: JSONValue] = [
            "guild_id": .string(Self.guild), "members": .array(members), "chunk_index": 0, "chunk_count": 1,
        ]
        chunk["nonce"] = data?["nonce"]?.value
        sessions[session]?.tell("GUILD_MEMBERS_CHUNK", .object(chunk))
    }

    // MARK: Faults

    /// Lets what waits happen to the connections that are there.
    mutating func befallAll() {
        for session in sessions.keys.sorted() { befall(session) }
    }

    private mutating func befall(_ session: String) {
        guard let state = sessions[session], let port = state.connection else { return }
        let subject = "bot \(state.bot) shard \(state.shard)"
        if faults.takeOwn("reconnect", of: subject) != nil {
            port.send(JSONValue.object(["op": 7, "s": nil, "t": nil, "d": nil]).text())
        } else if let said = faults.takeOwn("invalid_session", of: subject) {
            let isResumable = said["resumable"]?.bool ?? false
            if !isResumable { sessions[session] = nil }
            invalidate(port, isResumable: isResumable)
        } else if let said = faults.takeOwn("close", of: subject) {
            let code = UInt16(clamping: said["code"]?.int ?? 4000)
            if [1000, 1001, 4003, 4004, 4005, 4007, 4009, 4010, 4011, 4012, 4013, 4014].contains(code) {
                sessions[session] = nil
            }
            port.close(code)
        } else if faults.takeOwn("drop", of: subject) != nil {
            port.cut()
        } else if faults.takeOwn("silence", of: subject) != nil {
            port.fallSilent()
        }
    }

    // MARK: The server

    func guildJSON(for bot: String) -> JSONValue {
        let everyone: JSONValue = Self.role(Self.guild, "@everyone", bot: nil)
        let own = bots.values.sorted { $0.id < $1.id }.map { Self.role($0.role, $0.username, bot: $0.id) }
        let members = bots.values.sorted { $0.id < $1.id }.map(\.member)
        return [
            "id": .string(Self.guild), "name": "Simulated", "icon": nil, "icon_hash": nil, "splash": nil,
            "discovery_splash": nil, "owner_id": .string(Self.owner), "afk_channel_id": nil, "afk_timeout": 300,
            "verification_level": 0, "default_message_notifications": 0, "explicit_content_filter": 0,
            "roles": .array([everyone] + own), "emojis": [], "features": ["COMMUNITY", "NEWS"], "mfa_level": 0,
            "application_id": nil, "system_channel_id": nil, "system_channel_flags": 0, "rules_channel_id": nil,
            "max_presences": nil, "max_members": 500_000, "vanity_url_code": nil, "description": nil, "banner": nil,
            "premium_tier": 0, "premium_subscription_count": 0, "preferred_locale": "en-US",
            "public_updates_channel_id": nil, "max_video_channel_users": 25, "max_stage_video_channel_users": 50,
            "nsfw_level": 0, "nsfw": false, "premium_progress_bar_enabled": false, "safety_alerts_channel_id": nil,
            "region": "local", "hub_type": nil, "latest_onboarding_question_id": nil, "incidents_data": nil,
            "joined_at": "2026-01-01T00:00:00.000000+00:00", "large": false, "unavailable": false,
            "member_count": JSONValue(bots.count + people.count), "voice_states": [], "members": .array(members),
            "channels": .array(listed(threads: false)), "threads": .array(listed(threads: true)), "presences": [],
            "stage_instances": [], "guild_scheduled_events": [], "stickers": [], "soundboard_sounds": [],
            "widget_enabled": false, "widget_channel_id": nil, "lazy": true, "embedded_activities": [],
        ]
    }

    private static func role(_ id: String, _ name: String, bot: String?) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(id), "name": .string(name), "color": 0, "hoist": false, "icon": nil, "unicode_emoji": nil,
            "position": bot == nil ? 0 : 1, "permissions": "8", "managed": .bool(bot != nil), "mentionable": false,
            "flags": 0, "colors": ["primary_color": 0, "secondary_color": nil, "tertiary_color": nil],
        ]
        if let bot { members["tags"] = ["bot_id": .string(bot)] }
        return .object(members)
    }
}
