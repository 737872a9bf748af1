import PraisonCore

extension World {
    /// Source: https://core.telegram.org/bots/api#setwebhook
    mutating func setWebhook(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let call = invocation.call
        let url = call.text("url") ?? ""
        guard !url.isEmpty else { return try deleteWebhook(invocation) }
        try checkAddress(url)
        let secret = call.text("secret_token") ?? ""
        guard secret.utf8.count <= 256, secret.utf8.allSatisfy(Self.isSecretByte) else {
            throw .badRequest("secret token contains unallowed characters")
        }
        try holdBack(invocation)
        try set(
            SimulatedBot.Webhook(
                url: url, secret: secret,
                maximumConnections: call.integer("max_connections", default: 40, in: 1...100), generation: 0),
            of: invocation.bot, allowedBy: call)
        return true
    }

    /// Puts the webhook in place of whoever polls.
    mutating func set(
        _ webhook: SimulatedBot.Webhook, of id: Int64, allowedBy call: BotCall?
    ) throws(BotRefusal) {
        try update(id) { bot in
            var webhook = webhook
            bot.webhookChanges += 1
            webhook.generation = bot.webhookChanges
            bot.webhook = webhook
            if let call {
                bot.updateAllowedUpdates(from: call)
                if call.flag("drop_pending_updates") { bot.updates.removeAll() }
            }
            bot.poll?.end(.conflict(.conflict("terminated by setWebhook request")))
        }
        wakeCourier(of: try bot(id))
    }

    mutating func deleteWebhook(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        try update(invocation.bot) { bot in
            bot.webhook = nil
            bot.webhookChanges += 1
            if invocation.call.flag("drop_pending_updates") { bot.updates.removeAll() }
        }
        return true
    }

    /// The webhook may be changed about once a second.
    private mutating func holdBack(_ invocation: Invocation) throws(BotRefusal) {
        let isEarly = try update(invocation.bot) { bot in
            if let last = bot.webhookChangedAt, invocation.uptime - last < .seconds(1) { return true }
            bot.webhookChangedAt = invocation.uptime
            return false
        }
        if isEarly { throw .tooManyRequests(retryAfter: 1) }
    }

    /// https, and the four ports; on the machine itself anything, as a local Bot API server has it.
    private func checkAddress(_ url: String) throws(BotRefusal) {
        let isSecure = url.hasPrefix("https://")
        guard isSecure || url.hasPrefix("http://") else {
            throw .badRequest("bad webhook: An HTTPS URL must be provided for webhook")
        }
        let authority = url.dropFirst(isSecure ? 8 : 7).prefix { $0 != "/" && $0 != "?" }
        let colon = authority.lastIndex(of: ":").flatMap { authority[$0...].contains("]") ? nil : $0 }
        let host = authority[..<(colon ?? authority.endIndex)]
        if ["127.0.0.1", "localhost", "[::1]"].contains(host) { return }
        guard isSecure else { throw .badRequest("bad webhook: An HTTPS URL must be provided for webhook") }
        guard !host.isEmpty else { throw .badRequest("bad webhook: invalid URL") }
        let port = colon.map { authority[authority.index(after: $0)...] } ?? "443"
        guard ["443", "80", "88", "8443"].contains(port) else {
            throw .badRequest("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        }
    }

    private static func isSecretByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    func webhookInfo(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let bot = try bot(invocation.bot)
        var info: [String: JSONValue] = [
            "url": .string(bot.webhook?.url ?? ""), "has_custom_certificate": false,
            "pending_update_count": JSONValue(bot.updates.count),
        ]
        if let webhook = bot.webhook {
            info["max_connections"] = JSONValue(webhook.maximumConnections)
            info["ip_address"] = "127.0.0.1"
            info["last_error_date"] = webhook.lastErrorAt.map(Self.date)
            info["last_error_message"] = webhook.lastError.map(JSONValue.string)
        }
        info["allowed_updates"] = bot.allowedUpdates.map { .array($0.map(JSONValue.string)) }
        return .object(info)
    }
}
