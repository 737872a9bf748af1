import Logging
public import PraisonCore

/// Telegram, through the Bot API (version 10): hears by long poll or webhook, speaks in plain text with entities.
///
/// Source: https://core.telegram.org/bots/api
public struct TelegramAdapter: ChannelAdapter {
    public static let platform: Platform = "telegram"

    /// Telegram allows 4096 code points; UTF-16 units are never fewer, and are what entities are counted in. The pace is
    /// from https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this; only a 429 is exact.
    public static let capabilities = ChannelCapabilities(
        textLimit: 4096, textUnit: .utf16, typingRefresh: .seconds(4), editInterval: .seconds(1),
        pace: ChannelCapabilities.Pace(perSecond: 30, perConversation: .seconds(1), burst: 5), threads: true)

    public static var options: [ChannelOption] { TelegramSettings.options }

    /// Every kind of update this adapter reads. Reactions and other people's memberships come only when asked for.
    static let allowedUpdates: JSONValue = [
        "message", "edited_message", "channel_post", "edited_channel_post", "callback_query", "message_reaction",
        "message_reaction_count", "my_chat_member", "chat_member",
    ]

    let settings: TelegramSettings
    let context: ChannelContext
    let api: BotAPI
    let account = BotAccount()
    let intake: UpdateIntake

    public init(settings: ChannelSettings, context: ChannelContext) throws {
        self.settings = try TelegramSettings(settings, cryptography: context.cryptography)
        self.context = context
        api = BotAPI(base: self.settings.base, token: self.settings.token, http: context.http)
        intake = UpdateIntake(context: context, account: account)
    }

    public func run() async throws {
        context.report(.starting)
        try await identify()
        let callbacks = intake.callbacks()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await answer(callbacks) }
            group.addTask { try await receive() }
            // Whichever ends first ends the other: receiving only ends by throwing, answering by cancellation.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func receive() async throws {
        switch settings.mode {
        case .poll:
            let poller = UpdatePoller(
                api: api, context: context, intake: intake, account: account, timeout: settings.pollTimeout)
            try await poller.run()
        case .webhook(let url, let secret):
            try await WebhookRegistration(api: api, context: context, url: url, secret: secret).run()
        }
    }

    public static func events(in payload: JSONDocument, for receiver: Receiver) -> [GatewayEvent] {
        TelegramUpdate.updates(in: payload).compactMap { TelegramUpdate.event(in: $0, for: receiver) }
    }

    public static func problems(in payload: JSONDocument, for receiver: Receiver) -> [String] {
        let updates = TelegramUpdate.updates(in: payload)
        return updates.enumerated().compactMap { index, update in
            guard case .unreadable(let reason) = TelegramUpdate.read(update, for: receiver) else { return nil }
            return updates.count == 1 ? reason : "update \(index + 1) of \(updates.count): \(reason)"
        }
    }

    // MARK: Who we are

    /// Asks until Telegram tells; without our name nobody could call us by it.
    private func identify() async throws {
        var backoff = OutagePauses()
        while account.identity == nil {
            do {
                let me = try await api.call("getMe")
                guard let id = me["id"]?.integer else {
                    throw BotAPIError(.garbled(status: 200), "getMe answered without an id")
                }
                account.identity = BotAccount.Identity(id: SenderID(String(id)), username: me["username"]?.string)
                context.logger.info("connected", metadata: ["bot": "@\(me["username"]?.string ?? "unnamed")"])
            } catch let error as BotAPIError {
                try Task.checkCancellation()
                let channelError = error.channelError(for: context.channel)
                if case .unauthorized = channelError { throw channelError }
                var pause = backoff.nextPause(fraction: context.entropy.fraction())
                if case .rateLimited(let wait) = channelError { pause = wait }
                context.report(.degraded(reason: "cannot reach the Bot API: \(error)"))
                context.logger.warning(
                    "cannot reach the Bot API, trying again",
                    metadata: ["reason": "\(error)", "pause": "\(pause.inWords)"])
                try await context.clock.sleep(for: pause)
            }
        }
    }

    // MARK: Buttons

    /// A pressed button shows a spinner until it is answered; the answer itself comes as a message.
    private func answer(_ callbacks: AsyncStream<String>) async {
        for await query in callbacks {
            do {
                try await api.call("answerCallbackQuery", ["callback_query_id": .string(query)])
            } catch {
                context.logger.debug("a button was not acknowledged", metadata: ["reason": "\(error)"])
            }
        }
    }
}

extension TelegramAdapter: HTTPHandler {
    /// One delivery of Telegram's webhook. Any 2xx confirms it, so that is said only once the journal has it.
    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard case .webhook(_, let secret) = settings.mode else {
            return .text("this channel polls; set mode: webhook to use its webhook\n", status: 404)
        }
        guard account.identity != nil else { return .text("not ready yet\n", status: 503) }
        return await WebhookReceiver(secret: secret, intake: intake, context: context).respond(to: request)
    }
}
