import PraisonCore

/// A channel's block, read for this platform: what is missing or impossible is said before anything starts.
struct TelegramSettings: Sendable {
    enum Mode: Sendable {
        case poll
        case webhook(url: String, secret: Secret)
    }

    static let defaultBase = "https://api.telegram.org"

    let token: Secret
    /// Where the Bot API is, without a slash at the end.
    let base: String
    let mode: Mode
    /// Seconds the server may keep a poll waiting.
    let pollTimeout: Int
    /// Bytes of the largest attachment fetched.
    let maximumDownload: Int

    static let options: [ChannelOption] = [
        ChannelOption(
            "api_base", .url, default: defaultBase,
            summary: "where the Bot API is; a local Bot API server or a simulator goes here"),
        ChannelOption(
            "mode", .choice(["poll", "webhook"]), default: "poll",
            summary: "how updates come: asked for (poll), or delivered to webhook_url"),
        ChannelOption(
            "webhook_url", .url, summary: "the public https address that leads to this channel's webhook"),
        ChannelOption(
            "webhook_secret", .secret,
            summary: "1 to 256 of A-Z a-z 0-9 _ -; proves that a delivery is Telegram's; made from the token if unset"),
        ChannelOption(
            "poll_timeout", .integer(1...50), default: "50", summary: "seconds a poll waits for updates"),
    ]

    init(_ settings: ChannelSettings, cryptography: any Cryptography) throws(ChannelSettingsError) {
        var faults = ChannelSettingsError.Collection()
        let token = faults.read(try Self.token(in: settings))
        let base = faults.read(try Self.base(in: settings))
        var mode: Mode?
        if let isWebhook = faults.read(try Self.isWebhook(settings)) {
            mode = .poll
            if isWebhook {
                let url = faults.read(try Self.webhookURL(in: settings, isPublic: base == Self.defaultBase))
                let secret = faults.read(try Self.webhookSecret(in: settings))
                mode = nil
                if let url, let secret, let token {
                    mode = .webhook(url: url, secret: secret ?? Self.secret(madeOf: token, cryptography))
                }
            }
        }
        guard let token, let base, let mode else { throw faults.error }
        (self.token, self.base, self.mode) = (token, base, mode)
        pollTimeout = min(max(settings.options["poll_timeout"]?.int ?? 50, 1), 50)
        maximumDownload = settings.maxInboundMediaBytes
    }

    private static func token(in settings: ChannelSettings) throws(ChannelSettingsError) -> Secret {
        let howToGetOne = "send /newbot to @BotFather on Telegram, and put the token it answers with here"
        guard let token = settings.token, !token.isEmpty else {
            throw ChannelSettingsError(key: "token", problem: "no token; \(howToGetOne)")
        }
        let parts = token.reveal().split(separator: ":", omittingEmptySubsequences: false)
        let isToken =
            parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty
            && parts[0].utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            && parts[1].utf8.allSatisfy(isNameByte)
        guard isToken else {
            throw ChannelSettingsError(
                key: "token",
                problem: "not a bot token, which looks like 123456:ABC-DEF with nothing around it; \(howToGetOne)")
        }
        return token
    }

    /// A letter, a digit, `_` or `-`.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func base(in settings: ChannelSettings) throws(ChannelSettingsError) -> String {
        var base = settings.options["api_base"]?.string ?? defaultBase
        while base.hasSuffix("/") { base.removeLast() }
        guard let host = host(of: base), !host.isEmpty, !base.contains("?"), !base.contains("#") else {
            throw ChannelSettingsError(
                key: "api_base", problem: "not an address such as \(defaultBase) or http://127.0.0.1:8081")
        }
        return base
    }

    private static func host(of url: String) -> Substring? {
        for scheme in ["https://", "http://"] where url.hasPrefix(scheme) {
            return url.dropFirst(scheme.count).prefix { $0 != "/" }
        }
        return nil
    }

    private static func isWebhook(_ settings: ChannelSettings) throws(ChannelSettingsError) -> Bool {
        switch settings.options["mode"]?.string ?? "poll" {
        case "poll": return false
        case "webhook": return true
        case let other:
            throw ChannelSettingsError(key: "mode", problem: "\(other) is not offered; use poll or webhook")
        }
    }

    /// - Parameter isPublic: whether the public servers deliver, to https and some ports only; a local Bot API server has
    ///   no such rules.
    private static func webhookURL(
        in settings: ChannelSettings, isPublic: Bool
    ) throws(ChannelSettingsError) -> String {
        guard let url = settings.options["webhook_url"]?.string, !url.isEmpty else {
            throw ChannelSettingsError(
                key: "webhook_url", problem: "mode: webhook needs the public https address of this channel's webhook")
        }
        guard url.hasPrefix("https://") || (!isPublic && url.hasPrefix("http://")) else {
            throw ChannelSettingsError(key: "webhook_url", problem: "Telegram delivers to https:// addresses only")
        }
        guard !isPublic || isPortServed(url) else {
            throw ChannelSettingsError(
                key: "webhook_url", problem: "Telegram delivers to ports 443, 80, 88 and 8443 only")
        }
        return url
    }

    private static func isPortServed(_ url: String) -> Bool {
        guard let host = host(of: url), let colon = host.lastIndex(of: ":"), host.last != "]" else { return true }
        return ["443", "80", "88", "8443"].contains(host[host.index(after: colon)...])
    }

    /// - Returns: `nil` where none is written.
    private static func webhookSecret(in settings: ChannelSettings) throws(ChannelSettingsError) -> Secret? {
        guard let secret = settings.secrets["webhook_secret"], !secret.isEmpty else { return nil }
        let bytes = Array(secret.reveal().utf8)
        guard bytes.count <= 256, bytes.allSatisfy(isNameByte) else {
            throw ChannelSettingsError(
                key: "webhook_secret", problem: "use 1 to 256 characters of A-Z a-z 0-9 _ - and nothing else")
        }
        return secret
    }

    /// The same after every restart, so that deliveries under way are not refused.
    private static func secret(madeOf token: Secret, _ cryptography: any Cryptography) -> Secret {
        let digits = Array("0123456789abcdef".utf8)
        let mac = cryptography.hmacSHA256(Array("webhook secret".utf8), key: Array(token.reveal().utf8))
        let text = mac.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return Secret(String(decoding: text, as: UTF8.self))
    }
}
