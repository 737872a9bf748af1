import PraisonCore

/// Shows that an answer is being written, for as long as it is.
struct TypingIndicator: Sendable {
    private let adapter: (any ShowsTyping)?
    private let refresh: Duration
    private let conversation: Conversation
    private let outbox: Outbox
    private let clock: any GatewayClock

    init(_ adapter: (any ChannelAdapter)?, _ conversation: Conversation, _ outbox: Outbox, _ clock: any GatewayClock) {
        self.adapter = adapter as? any ShowsTyping
        refresh = adapter.flatMap { type(of: $0).capabilities.typingRefresh } ?? .seconds(5)
        self.conversation = conversation
        self.outbox = outbox
        self.clock = clock
    }

    func whileShown<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        guard let adapter else { return try await work() }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                while !Task.isCancelled {
                    await show(through: adapter)
                    do { try await clock.sleep(for: refresh) } catch { break }
                }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    /// Only a courtesy: it is left out where it would cost the conversation its budget, and where it fails the answer
    /// still comes.
    private func show(through adapter: any ShowsTyping) async {
        guard await outbox.maySign(in: conversation) else { return }
        do {
            try await adapter.showTyping(in: conversation)
        } catch ChannelError.rateLimited(let wait) {
            await outbox.refused(conversation, for: wait)
        } catch {}
    }
}
