import PraisonCore

/// Why a call to the Bot API brought no result.
struct BotAPIError: Error, Hashable, CustomStringConvertible {
    enum Cause: Hashable {
        /// The Bot API answered `ok: false`. Nothing was done.
        case refused(code: Int)
        /// Something answered that is not the Bot API, or it broke on the way: a proxy's page, half an answer.
        case garbled(status: Int)
        case noAnswer(HTTPError)
    }

    var cause: Cause
    /// The server's words, or what happened instead of an answer; without the token.
    var text: String
    var retryAfter: Duration?
    var migratedTo: Conversation.ID?

    init(_ cause: Cause, _ text: String) {
        self.cause = cause
        self.text = text
    }

    var description: String { text }

    var code: Int? { if case .refused(let code) = cause { code } else { nil } }

    func says(_ words: String) -> Bool { text.lowercased().contains(words) }

    /// What the hub does about it.
    ///
    /// - Parameter channel: named in advice about the configuration.
    func channelError(for channel: ChannelName) -> ChannelError {
        switch cause {
        case .noAnswer(let error):
            return error.mayHaveReachedServer ? .ambiguous(reason: text) : .unavailable(reason: text)
        case .garbled(status: 429): return .rateLimited(retryAfter: retryAfter ?? Self.defaultWait)
        // It was carried out, or a gateway gave up waiting for that.
        case .garbled(status: 200...299), .garbled(status: 504): return .ambiguous(reason: text)
        case .garbled(status: 413): return .malformed(reason: "the request is too large")
        case .garbled: return .unavailable(reason: text)
        case .refused(let code): return refusal(code, channel)
        }
    }

    /// What to wait when told to wait, but not how long.
    private static let defaultWait = Duration.seconds(5)

    private func refusal(_ code: Int, _ channel: ChannelName) -> ChannelError {
        if let migratedTo { return .moved(to: migratedTo) }
        switch code {
        // An older server; the token is right.
        case 404 where says("method not found"): return .rejected(reason: text)
        case 401, 404:
            let name = code == 401 ? "401 Unauthorized" : "404 Not Found"
            return .unauthorized(
                reason: "telegram refused the token (\(name)); check channels.\(channel).token and restart the channel")
        case 403: return .rejected(reason: text)
        case 429: return .rateLimited(retryAfter: retryAfter ?? Self.defaultWait)
        case 409: return .unavailable(reason: text)
        case 500...: return .unavailable(reason: text)
        case 413: return .malformed(reason: text)
        default: return isPermanent ? .rejected(reason: text) : .malformed(reason: text)
        }
    }

    /// 400s that are about the chat, not about what we asked.
    private var isPermanent: Bool {
        let reasons = [
            "chat not found", "user not found", "is deactivated", "was deactivated", "was kicked", "was blocked",
            "not enough rights", "have no rights", "need administrator rights", "chat_write_forbidden",
            "chat_admin_required", "chat_restricted", "user_is_blocked", "peer_id_invalid", "topic_closed",
            "topic_deleted", "message thread not found", "not a member", "file is too big",
            "wrong file identifier", "wrong file_id", "failed to get http url content",
        ]
        return reasons.contains { says($0) }
    }
}
