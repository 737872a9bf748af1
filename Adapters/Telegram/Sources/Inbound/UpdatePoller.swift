import Logging
import PraisonCore

/// Asks for updates in long polls, and confirms them only once they are in the journal.
///
/// Telegram forgets every update below the offset it is asked with. So the offset moves after the events were accepted,
/// and is kept across restarts.
///
/// Source: https://core.telegram.org/bots/api#getupdates
struct UpdatePoller: Sendable {
    /// After about a week without updates Telegram may number the next one anew, and lower. An offset this old is
    /// therefore not used any more; what it confirmed is gone anyway.
    static let offsetLifetime = Duration.seconds(6 * 86_400)
    /// Polls that answer nothing sooner than this are not long polls, whoever serves them.
    private static let shortestWait = Duration.milliseconds(500)

    let api: BotAPI
    let context: ChannelContext
    let intake: UpdateIntake
    let account: BotAccount
    /// Seconds.
    let timeout: Int

    /// What the loop remembers between two polls.
    private struct Position {
        var offset: Int64?
        var lastUpdate: Timestamp?
        /// Updates asked for at once; fewer when an answer was more than we can take.
        var limit = 100
        var backoff = OutagePauses()
        var hasPolled = false
        /// Whether the last poll came through. One that has to find out does not wait for updates, so that it is known
        /// at once how the channel fares.
        var isProven = false
        var hasRemovedWebhook = false
        var emptyAnswers = 0
    }

    /// Polls until cancelled.
    ///
    /// - Throws: ``ChannelError/unauthorized(reason:)`` when the token is refused.
    func run() async throws {
        var position = try await storedPosition()
        while true {
            try Task.checkCancellation()
            do {
                try await poll(&position)
            } catch let error as BotAPIError {
                try await recover(from: error, &position)
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                // The journal took nothing: the same updates come again.
                try await wait(position.backoff.nextPause(fraction: context.entropy.fraction()), "\(error)")
            }
        }
    }

    // MARK: One poll

    private func poll(_ position: inout Position) async throws {
        if let last = position.lastUpdate, context.clock.now - last > Self.offsetLifetime {
            position.offset = nil
            position.lastUpdate = nil
        }
        let start = context.clock.uptime
        let result = try await api.call(
            "getUpdates", parameters(position),
            limits: HTTPLimits(
                firstByte: .seconds(timeout + 10), idle: .seconds(15), total: .seconds(timeout + 60),
                bodySize: 32 << 20))
        let updates = result.elements
        context.report(.receiving)
        position.hasPolled = true
        position.isProven = true
        position.limit = 100
        if updates.isEmpty {
            position.backoff.reset()
            return try await pauseIfHot(context.clock.uptime - start, &position)
        }
        position.emptyAnswers = 0
        try await intake.take(updates)
        position.backoff.reset()
        guard let highest = updates.compactMap({ $0["update_id"]?.integer }).max() else {
            throw BotAPIError(.garbled(status: 200), "updates without update_id")
        }
        // The highest of this batch, not of all times: numbers may start anew.
        position.offset = highest &+ 1
        position.lastUpdate = context.clock.now
        await store(position)
    }

    private func parameters(_ position: Position) -> [String: JSONValue] {
        var parameters: [String: JSONValue] = [
            "timeout": JSONValue(position.isProven ? timeout : 0), "limit": JSONValue(position.limit),
            "allowed_updates": TelegramAdapter.allowedUpdates,
        ]
        parameters["offset"] = position.offset.map { JSONValue($0) }
        return parameters
    }

    /// A server that does not wait would be asked without end.
    private func pauseIfHot(_ elapsed: Duration, _ position: inout Position) async throws {
        guard elapsed < Self.shortestWait else {
            position.emptyAnswers = 0
            return
        }
        position.emptyAnswers += 1
        if position.emptyAnswers > 3 { try await context.clock.sleep(for: .seconds(1)) }
    }

    // MARK: Trouble

    private func recover(from error: BotAPIError, _ position: inout Position) async throws {
        try Task.checkCancellation()
        position.isProven = false
        let fraction = context.entropy.fraction()
        let channelError = error.channelError(for: context.channel)
        if case .unauthorized = channelError { throw channelError }
        if case .rateLimited(let wait) = channelError {
            return try await self.wait(wait, "telegram asks to wait \(wait.inWords)")
        }
        if error.code == 409 { return try await recoverFromConflict(error, &position) }
        if case .noAnswer(let failure) = error.cause, failure.reason == .bodyTooLarge {
            position.limit = max(position.limit / 2, 1)
        } else if case .garbled(status: 200) = error.cause {
            // One bad update may spoil the whole answer; alone it spoils nothing else.
            position.limit = 1
        }
        try await wait(position.backoff.nextPause(fraction: fraction), error.text)
    }

    /// Another poller, or a webhook. On a conflict it is the older, waiting request that fails; whoever asks again at
    /// once only throws the other out in turn.
    private func recoverFromConflict(_ error: BotAPIError, _ position: inout Position) async throws {
        let fraction = context.entropy.fraction()
        if error.says("webhook") {
            // One that is there from before is a leftover; one that comes while we poll is somebody's intention.
            let isLeftover = !position.hasPolled && !error.says("terminated by setwebhook")
            if isLeftover, !position.hasRemovedWebhook {
                position.hasRemovedWebhook = true
                context.logger.notice("a webhook is set for this bot; removing it, since this channel polls")
                if (try? await api.call("deleteWebhook", ["drop_pending_updates": false])) != nil { return }
            }
            return try await wait(
                position.backoff.nextPause(atLeast: .seconds(15), fraction: fraction),
                "somebody set a webhook for this bot; give this channel mode: webhook, or stop the other program")
        }
        try await wait(
            position.backoff.nextPause(atLeast: .seconds(3), fraction: fraction),
            "another program polls with this token; only one can")
    }

    private func wait(_ pause: Duration, _ reason: String) async throws {
        context.report(.degraded(reason: reason))
        context.logger.warning(
            "cannot receive updates, trying again", metadata: ["reason": "\(reason)", "pause": "\(pause.inWords)"])
        try await context.clock.sleep(for: pause)
    }

    // MARK: The offset

    /// Another bot under the same channel name has numbers of its own.
    private var cursor: String { "offset/\(account.identity?.id.rawValue ?? "unknown")" }

    /// Kept as `OFFSET@MICROSECONDS`, the time being that of the last update.
    private func storedPosition() async throws -> Position {
        var position = Position()
        let parts = (try await context.cursors.cursor(cursor) ?? "").split(separator: "@")
        if parts.count == 2, let offset = Int64(parts[0]), let time = Int64(parts[1]) {
            position.offset = offset
            position.lastUpdate = Timestamp(microseconds: time)
        }
        return position
    }

    private func store(_ position: Position) async {
        guard let offset = position.offset, let time = position.lastUpdate else { return }
        do {
            try await context.cursors.save("\(offset)@\(time.microseconds)", for: cursor)
        } catch {
            // The journal knows these updates; without the cursor a restart only asks for them once more.
            context.logger.warning("cannot keep the offset", metadata: ["error": "\(error)"])
        }
    }
}
