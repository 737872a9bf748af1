import PraisonCore
import PraisonSimulation

extension TelegramSimulator {
    private static let longestWait = 50

    /// `getUpdates`: what waits, or what comes within `timeout` seconds.
    ///
    /// Source: https://core.telegram.org/bots/api#getupdates
    func updates(for id: Int64, _ call: BotCall) async throws(BotRefusal) -> JSONValue {
        let waiter = PollWaiter()
        let poll = try withWorld { world throws(BotRefusal) in
            let now = (clock.now, clock.uptime)
            return try world.update(id) { bot in Self.begin(waiter, for: &bot, call, at: now.0, now.1) }
        }
        if poll.hasWebhook {
            throw .conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
        }
        var entries = try take(poll, for: id)
        if entries.isEmpty, poll.timeout > 0 {
            let end = await wait(waiter, poll.timeout)
            leave(waiter, id)
            if case .conflict(let refusal) = end {
                await holdBack(id)
                throw refusal
            }
            if case .update = end { entries = try take(poll, for: id) }
        } else {
            leave(waiter, id)
        }
        return .array(entries.map(\.json))
    }

    private struct Poll {
        var hasWebhook = false
        var offset: Int64 = 0
        var limit = 100
        /// Seconds.
        var timeout = 0
    }

    private static func begin(
        _ waiter: PollWaiter, for bot: inout SimulatedBot, _ call: BotCall, at now: Timestamp, _ uptime: Duration
    ) -> Poll {
        if bot.webhook != nil { return Poll(hasWebhook: true) }
        bot.updateAllowedUpdates(from: call)
        var poll = Poll(
            offset: call.integer("offset") ?? 0, limit: call.integer("limit", default: 100, in: 1...100),
            timeout: call.integer("timeout", default: 0, in: 0...longestWait))
        // Those who ask the same again and again are slowed down.
        if let last = bot.lastPoll, last.offset == poll.offset {
            if poll.timeout < 3, uptime < last.at + .seconds(3) { poll.timeout = 3 }
            if uptime < last.at + .milliseconds(500) { poll.limit = 1 }
        }
        bot.lastPoll = SimulatedBot.LastPoll(offset: poll.offset, at: uptime)
        // The newer request wins.
        bot.poll?.end(.conflict(otherPoller))
        bot.poll = waiter
        return poll
    }

    private func take(_ poll: Poll, for id: Int64) throws(BotRefusal) -> [UpdateQueue.Entry] {
        let now = clock.now
        return try withWorld { world throws(BotRefusal) in
            try world.update(id) { bot in
                var entries = bot.redelivered + bot.updates.take(from: poll.offset, limit: poll.limit, at: now)
                bot.redelivered = []
                for entry in entries where control.faults.takeDelivery(.duplicate, of: entry.json) {
                    bot.redelivered.append(entry)
                }
                if entries.count > 1, control.faults.takeDelivery(.reorder, of: .array(entries.map(\.json))) {
                    entries.reverse()
                }
                return entries
            }
        }
    }

    private func wait(_ waiter: PollWaiter, _ seconds: Int) async -> PollWaiter.End {
        await withTaskGroup(of: PollWaiter.End.self) { group in
            group.addTask { await waiter.outcome }
            group.addTask {
                try? await self.clock.sleep(for: .seconds(seconds))
                return .timeout
            }
            defer { group.cancelAll() }
            return await group.next() ?? .timeout
        }
    }

    private func leave(_ waiter: PollWaiter, _ id: Int64) {
        _ = try? withWorld { world throws(BotRefusal) in
            try world.update(id) { bot in if bot.poll === waiter { bot.poll = nil } }
        }
    }

    /// Conflicts within three seconds of the last one are told late.
    private func holdBack(_ id: Int64) async {
        let now = clock.uptime
        let isEarly = try? withWorld { world throws(BotRefusal) in
            try world.update(id) { bot in
                if now < bot.nextConflictAt { return true }
                bot.nextConflictAt = now + .seconds(3)
                return false
            }
        }
        if isEarly == true { try? await clock.sleep(for: .seconds(3)) }
    }
}
