import PraisonCore

extension World {
    /// What a bot says of itself, by language, and how `get…` names it in its answer.
    enum ProfileText: String, CaseIterable {
        case name, description, shortDescription

        var method: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
        var member: String { self == .shortDescription ? "short_description" : rawValue }
        /// Characters.
        var limit: Int {
            switch self {
            case .name: 64
            case .description: 512
            case .shortDescription: 120
            }
        }
    }

    private func place(of text: ProfileText, _ call: BotCall) -> String {
        "\(text.rawValue)/\(call.text("language_code") ?? "")"
    }

    mutating func setProfile(_ text: ProfileText, _ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let value = invocation.call.text(text.member)
        guard value?.unicodeScalars.count ?? 0 <= text.limit else {
            throw .badRequest("\(text.member.replacing("_", with: " ")) is too long")
        }
        let place = place(of: text, invocation.call)
        try update(invocation.bot) { bot in
            if bot.profile.count < 300 || bot.profile[place] != nil { bot.profile[place] = value.map(JSONValue.string) }
        }
        return true
    }

    func profile(_ text: ProfileText, _ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let bot = try bot(invocation.bot)
        let standard = text == .name ? bot.user["first_name"] ?? "" : ""
        let value = bot.profile[place(of: text, invocation.call)] ?? bot.profile["\(text.rawValue)/"] ?? standard
        return [text.member: value]
    }

    // MARK: The menu button

    mutating func setMenuButton(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let button = try invocation.call.object("menu_button", named: "menu button")
        let type = button?["type"]?.string ?? "default"
        guard ["default", "commands", "web_app"].contains(type) else {
            throw .badRequest("can't parse menu button: unsupported menu button type")
        }
        let place = "menu/\(invocation.call.text("chat_id") ?? "")"
        try update(invocation.bot) { bot in
            if bot.profile.count < 300 || bot.profile[place] != nil { bot.profile[place] = button?.value }
        }
        return true
    }

    func menuButton(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let profile = try bot(invocation.bot).profile
        return profile["menu/\(invocation.call.text("chat_id") ?? "")"] ?? profile["menu/"] ?? ["type": "commands"]
    }

    // MARK: Invite links

    /// `createChatInviteLink`, `editChatInviteLink` and `revokeChatInviteLink`.
    mutating func inviteLink(_ invocation: Invocation, isRevoked: Bool = false) throws(BotRefusal) -> JSONValue {
        let call = invocation.call
        let fresh = try newLink(invocation)
        let link = call.text("invite_link") ?? fresh
        var object: [String: JSONValue] = [
            "invite_link": .string(link), "creator": .object(try bot(invocation.bot).user), "is_primary": false,
            "creates_join_request": .bool(call.flag("creates_join_request")), "is_revoked": .bool(isRevoked),
        ]
        object["name"] = call.text("name").map(JSONValue.string)
        for name in ["expire_date", "member_limit", "subscription_period", "subscription_price"] {
            if let number = call.integer(name), number > 0 { object[name] = JSONValue(number) }
        }
        return .object(object)
    }

    /// `exportChatInviteLink`.
    mutating func primaryLink(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        .string(try newLink(invocation))
    }

    private mutating func newLink(_ invocation: Invocation) throws(BotRefusal) -> String {
        _ = try group(invocation)
        return "https://t.me/+\((0..<2).map { _ in String(random(below: 1 << 40), radix: 36) }.joined())"
    }

    private func group(_ invocation: Invocation) throws(BotRefusal) -> ChatKey {
        let key = try chat(invocation)
        guard key.id < 0 else { throw .badRequest("can't access the chat") }
        return key
    }
}
