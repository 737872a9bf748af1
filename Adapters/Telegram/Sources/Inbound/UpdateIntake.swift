import Logging
import PraisonCore
import Synchronization

/// Takes updates as they come, whichever way: reads each by itself, hands the events over, and remembers the buttons
/// that wait for an answer.
final class UpdateIntake: Sendable {
    private let context: ChannelContext
    private let account: BotAccount
    private let skipped = Mutex(0)
    private let callbackSink: Mutex<AsyncStream<String>.Continuation?> = Mutex(nil)

    init(context: ChannelContext, account: BotAccount) {
        self.context = context
        self.account = account
    }

    /// Callback queries whose spinner turns, from now on. Bounded: an answer that comes late is worth nothing.
    ///
    /// A new stream for every run: one whose reader was cancelled never gives anything again.
    func callbacks() -> AsyncStream<String> {
        let (stream, sink) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(100))
        callbackSink.withLock { $0 = sink }
        return stream
    }

    /// How many updates could not be read since the start.
    var skippedCount: Int { skipped.withLock { $0 } }

    /// Returns once the events are in the journal.
    ///
    /// - Throws: what ``ChannelContext/accept`` throws.
    func take(_ updates: [JSONDocument]) async throws {
        let identity = account.identity
        let receiver = Receiver(
            channel: context.channel, id: identity?.id, username: identity?.username,
            receivedAt: context.clock.now)
        var events: [GatewayEvent] = []
        for update in updates {
            switch TelegramUpdate.read(update, for: receiver) {
            case .event(let event): events.append(event)
            case .own: break
            case .unreadable(let reason): skip(update, reason)
            }
            if let query = update["callback_query"]?["id"]?.string { _ = callbackSink.withLock { $0?.yield(query) } }
        }
        if !events.isEmpty { try await context.accept(events) }
    }

    private func skip(_ update: JSONDocument, _ reason: String) {
        let total = skipped.withLock { count in
            count += 1
            return count
        }
        context.logger.warning(
            "an update could not be read and was skipped",
            metadata: [
                "update_id": "\(update["update_id"]?.scalarText ?? "none")", "reason": "\(reason)",
                "skipped": "\(total)",
            ])
    }
}
