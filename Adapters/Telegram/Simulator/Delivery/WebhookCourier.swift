import PraisonCore
import PraisonSimulation

/// A bot's updates of one chat or person, which a webhook gets one after the other.
struct WebhookLane: Hashable, Sendable {
    var bot: Int64
    var lane: Int64
}

/// Delivers updates to webhooks: lanes side by side, each in order, again and again until the update is taken or old.
///
/// Source: https://core.telegram.org/bots/api#setwebhook
struct WebhookCourier: Sendable {
    private static let longestRetryAfter = 3600
    /// How long a webhook may answer 410 before it is removed.
    private static let patienceWithGone = Duration.seconds(23 * 3600)

    let simulator: TelegramSimulator

    private let board = LaneBoard()

    init(simulator: TelegramSimulator) { self.simulator = simulator }

    func run(_ lanes: AsyncStream<WebhookLane>) async {
        await withDiscardingTaskGroup { group in
            for await lane in lanes where board.begin(lane) {
                group.addTask {
                    repeat { await serve(lane) } while board.end(lane) && !Task.isCancelled
                }
            }
        }
    }

    private struct Parcel {
        var entry: UpdateQueue.Entry
        var webhook: SimulatedBot.Webhook
        var token: String
    }

    /// Delivers all that waits in the lane.
    private func serve(_ lane: WebhookLane) async {
        var failures = 0
        var goneSince: Duration?
        while !Task.isCancelled, let parcel = next(lane) {
            await board.connect(lane.bot, limit: parcel.webhook.maximumConnections)
            let outcome = await deliver(parcel)
            board.disconnect(lane.bot)
            switch outcome {
            case .taken:
                (failures, goneSince) = (0, nil)
                remove(parcel, lane)
            case .failed(let reason, let retryAfter, let isGone):
                note(reason, lane)
                let now = simulator.clock.uptime
                goneSince = isGone ? goneSince ?? now : nil
                if let goneSince, now - goneSince >= Self.patienceWithGone { return removeWebhook(lane) }
                failures += 1
                let pause = retryAfter ?? pause(after: failures)
                if pause > .zero { try? await simulator.clock.sleep(for: pause) }
            }
        }
    }

    /// The first repeat comes at once, then after 2 s, 4 s, … up to a minute or two.
    private func pause(after failures: Int) -> Duration {
        guard failures > 1 else { return .zero }
        let longest = (try? simulator.withWorld { world throws(BotRefusal) in 60 + world.random(below: 61) }) ?? 60
        return .seconds(min(1 << min(failures - 1, 10), longest))
    }

    private func next(_ lane: WebhookLane) -> Parcel? {
        let faults = simulator.control.faults
        let now = simulator.clock.now
        return try? simulator.withWorld { world throws(BotRefusal) in
            try world.update(lane.bot) { bot -> Parcel? in
                bot.updates.expire(at: now)
                guard let webhook = bot.webhook, let entry = bot.updates.first(in: lane.lane) else { return nil }
                if faults.takeDelivery(.reorder, of: entry.json) { bot.updates.swapFirst(in: lane.lane) }
                return bot.updates.first(in: lane.lane).map {
                    Parcel(entry: $0, webhook: webhook, token: bot.token)
                }
            }
        }
    }

    private enum Outcome {
        case taken
        case failed(reason: String, retryAfter: Duration?, isGone: Bool)
    }

    private func deliver(_ parcel: Parcel) async -> Outcome {
        var request = HTTPRequest(
            .post, parcel.webhook.url, headers: ["Content-Type": "application/json"], body: parcel.entry.json.bytes(),
            limits: HTTPLimits(firstByte: .seconds(60), total: .seconds(75)))
        if !parcel.webhook.secret.isEmpty {
            request.headers["X-Telegram-Bot-Api-Secret-Token"] = parcel.webhook.secret
        }
        do {
            let response = try await simulator.client.execute(request)
            guard (200...299).contains(response.status) else {
                let wait = response.headers["Retry-After"].flatMap(Int.init).map {
                    Duration.seconds(min(max($0, 1), Self.longestRetryAfter))
                }
                return .failed(
                    reason: "Wrong response from the webhook: \(response.status)", retryAfter: wait,
                    isGone: response.status == 410)
            }
            await carryOut(response, parcel)
            if simulator.control.faults.takeDelivery(.duplicate, of: parcel.entry.json) {
                _ = try? await simulator.client.execute(request)
            }
            return .taken
        } catch {
            return .failed(reason: "Connection failed: \(error.detail)", retryAfter: nil, isGone: false)
        }
    }

    /// An answer may carry a call with it, of whose outcome the bot hears nothing.
    private func carryOut(_ response: HTTPResponse, _ parcel: Parcel) async {
        guard let body = try? JSONDocument(parsing: response.bytes), let method = body["method"]?.string else { return }
        var fields: [String: String] = [:]
        for member in body.members where member.name != "method" {
            fields[member.name] = member.value.scalarText ?? member.value.value.text()
        }
        let call = BotCall(method: method, token: parcel.token, fields: fields)
        _ = try? await simulator.result(of: method.lowercased(), call)
    }

    private func remove(_ parcel: Parcel, _ lane: WebhookLane) {
        change(lane) { $0.updates.remove(id: parcel.entry.id, lane: lane.lane) }
    }

    private func removeWebhook(_ lane: WebhookLane) { change(lane) { $0.webhook = nil } }

    private func note(_ reason: String, _ lane: WebhookLane) {
        let now = simulator.clock.now
        change(lane) { bot in
            bot.webhook?.lastErrorAt = now
            bot.webhook?.lastError = reason
        }
    }

    private func change(_ lane: WebhookLane, _ change: (inout SimulatedBot) -> Void) {
        _ = try? simulator.withWorld { world throws(BotRefusal) in try world.update(lane.bot, change) }
    }
}
