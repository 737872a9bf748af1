import PraisonCore

/// Why a call to the REST API brought no result.
struct DiscordAPIError: Error, Hashable, CustomStringConvertible {
    enum Cause: Hashable {
        /// The API refused. Nothing was done.
        case refused(status: Int, code: Int)
        /// Something answered that is not the API: a proxy's page, half an answer.
        case garbled(status: Int)
        /// Told to wait, by the server or by what it told before.
        case limited(wait: Duration)
        case noAnswer(HTTPError)
    }

    var cause: Cause
    /// The server's words, or what happened instead of an answer; without the token.
    var text: String

    init(_ cause: Cause, _ text: String) {
        self.cause = cause
        self.text = text
    }

    var description: String { text }

    /// The API's own number for what is wrong.
    ///
    /// Source: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json-json-error-codes
    var code: Int? { if case .refused(_, let code) = cause { code } else { nil } }

    var status: Int? {
        switch cause {
        case .refused(let status, _), .garbled(let status): status
        default: nil
        }
    }

    var isAboutTheToken: Bool { status == 401 && code != nil }

    /// Whether what was asked for is not there, or not for us.
    var isAbsence: Bool { status == 403 || status == 404 }

    /// What the hub does about it.
    ///
    /// - Parameter channel: named in advice about the configuration.
    func channelError(for channel: ChannelName) -> ChannelError {
        switch cause {
        case .noAnswer(let error):
            return error.mayHaveReachedServer ? .ambiguous(reason: text) : .unavailable(reason: text)
        case .limited(let wait): return .rateLimited(retryAfter: wait)
        // It was carried out, or a gateway gave up waiting for that.
        case .garbled(status: 200...299), .garbled(status: 504): return .ambiguous(reason: text)
        case .garbled(status: 413): return .malformed(reason: "the request is too large")
        case .garbled: return .unavailable(reason: text)
        case .refused(let status, let code): return refusal(status, code, channel)
        }
    }

    private func refusal(_ status: Int, _ code: Int, _ channel: ChannelName) -> ChannelError {
        switch (status, code) {
        case (401, _): return Self.refusedToken(channel, with: "401 Unauthorized")
        case (403, 50013): return .rejected(reason: "\(text): the bot's role may not do this here")
        case (403, _), (404, _): return .rejected(reason: text)
        case (500..., _): return .unavailable(reason: text)
        case (413, _): return .malformed(reason: text)
        default: return Self.permanent.contains(code) ? .rejected(reason: text) : .malformed(reason: text)
        }
    }

    /// - Parameter answer: what it said.
    static func refusedToken(_ channel: ChannelName, with answer: String) -> ChannelError {
        .unauthorized(
            reason: "discord refused the token (\(answer)); check channels.\(channel).token, "
                + "reset it in the developer portal if need be, and restart the channel")
    }

    /// 400s that are about the place, not about what we asked: archived and locked, full, not a text channel, a person
    /// who takes no messages, a message blocked by the server's rules.
    private static let permanent: Set<Int> = [
        20028, 30003, 30010, 40002, 40005, 40007, 50001, 50007, 50008, 50083, 90001, 200000, 200001, 240000,
    ]
}
