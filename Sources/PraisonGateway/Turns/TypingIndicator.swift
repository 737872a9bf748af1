import PraisonCore

/// Shows that an answer is being written, for as long as it is.
struct TypingIndicator: Sendable {
    private let adapter: (any ShowsTyping)?
    private let refresh: Duration
    private let conversation: Conversation
    private let clock: any GatewayClock

    init(_ adapter: (any ChannelAdapter)?, _ conversation: Conversation, _ clock: any GatewayClock) {
        self.adapter = adapter as? any ShowsTyping
        refresh = adapter.flatMap { type(of: $0).capabilities.typingRefresh } ?? .seconds(5)
        self.conversation = conversation
        self.clock = clock
    }

    func whileShown<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        guard let adapter else { return try await work() }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                while !Task.isCancelled {
                    // Only a courtesy: when it fails, the answer still comes.
                    try? await adapter.showTyping(in: conversation)
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
}
