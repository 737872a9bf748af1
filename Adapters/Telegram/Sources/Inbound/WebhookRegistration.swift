import Logging
import PraisonCore

/// Tells Telegram where to deliver, and keeps looking whether it does.
struct WebhookRegistration: Sendable {
    /// Between two looks.
    private static let interval = Duration.seconds(60)

    let api: BotAPI
    let context: ChannelContext
    let url: String
    let secret: Secret

    /// Watches until cancelled. The webhook stays set, so that updates wait at Telegram while we are away.
    func run() async throws {
        var backoff = OutagePauses()
        var isSet = false
        while true {
            try Task.checkCancellation()
            do {
                if !isSet { try await register() }
                isSet = true
                isSet = try await isHealthy()
                // Two who each want their own would otherwise take it from each other without end.
                let pause =
                    isSet
                    ? Self.interval
                    : backoff.nextPause(
                        atLeast: .seconds(5), fraction: context.entropy.fraction())
                if isSet { backoff.reset() }
                try await context.clock.sleep(for: pause)
            } catch let error as BotAPIError {
                try Task.checkCancellation()
                let channelError = error.channelError(for: context.channel)
                if case .unauthorized = channelError { throw channelError }
                var pause = backoff.nextPause(fraction: context.entropy.fraction())
                if case .rateLimited(let wait) = channelError { pause = wait }
                context.report(.degraded(reason: "webhook: \(error)"))
                context.logger.warning(
                    "the webhook is not confirmed", metadata: ["reason": "\(error)", "pause": "\(pause.inWords)"])
                try await context.clock.sleep(for: pause)
            }
        }
    }

    private func register() async throws(BotAPIError) {
        try await api.call(
            "setWebhook",
            [
                "url": .string(url), "secret_token": .string(secret.reveal()), "drop_pending_updates": false,
                "allowed_updates": TelegramAdapter.allowedUpdates,
            ])
    }

    /// - Returns: whether the webhook is still ours.
    private func isHealthy() async throws(BotAPIError) -> Bool {
        let info = try await api.call("getWebhookInfo")
        guard info["url"]?.string == url else {
            context.report(.degraded(reason: "somebody set another webhook for this bot; setting ours again"))
            return false
        }
        let failedAt = info["last_error_date"]?.integer ?? 0
        let isRecent = context.clock.now - Timestamp(seconds: Double(failedAt)) < Self.interval * 2
        if isRecent, (info["pending_update_count"]?.integer ?? 0) > 0 {
            let reason = String((info["last_error_message"]?.string ?? "unknown").prefix(200))
            context.report(.degraded(reason: "Telegram cannot deliver to webhook_url: \(reason)"))
        } else {
            context.report(.receiving)
        }
        return true
    }
}
