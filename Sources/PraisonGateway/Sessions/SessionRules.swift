public import PraisonCore

/// Stop 6: which memory a turn belongs to, and when it starts afresh.
public struct SessionRules: Sendable {
    private let settings: ChannelSessionSettings
    /// Seconds east of Greenwich, for "at four in the morning".
    private let secondsFromGMT: Int
    /// Besides the settings' own reset: silence after which a session starts afresh.
    private let timeout: Duration?

    public init(_ settings: ChannelSessionSettings, timeout: Duration? = nil, secondsFromGMT: Int = 0) {
        self.settings = settings
        self.timeout = timeout
        self.secondsFromGMT = secondsFromGMT
    }

    public var maxHistory: Int { settings.maxHistory }

    /// How a history that grows too long is kept short, in no more messages than the agent may see.
    public var compaction: CompactionSettings? {
        settings.compaction.map { compaction in
            var compaction = compaction
            compaction.maxMessages = min(compaction.maxMessages, settings.maxHistory)
            return compaction
        }
    }

    public func key(agent: AgentName, message: InboundMessage) -> SessionKey {
        SessionKey(
            agent: agent, conversation: message.conversation,
            sender: settings.scope == .perUser ? message.sender.id : nil)
    }

    /// Whether a session last used at `lastUsed` has to start afresh at `now`.
    public func isStale(lastUsed: Timestamp, now: Timestamp) -> Bool {
        if let timeout, now - lastUsed >= timeout { return true }
        return switch settings.reset {
        case .none: false
        case .idle(let minutes): isIdle(minutes, lastUsed, now)
        case .daily(let hour): isPast(hour, lastUsed, now)
        case .both(let minutes, let hour): isIdle(minutes, lastUsed, now) || isPast(hour, lastUsed, now)
        }
    }

    /// A message as the agent sees it: who speaks, what is quoted, what is attached.
    public func chatMessage(for message: InboundMessage, at time: Timestamp) -> ChatMessage {
        let attribution = attribution(in: message.conversation)
        let words = attribution?.escaped(message.text) ?? message.text
        var text = Fence.escaped(words)
        if message.kind == .callback { text = "(pressed the button “\(text)”)" }
        if let quoted = message.reply?.quote ?? message.reply.flatMap({ $0.isToBot ? nil : $0.text }) {
            // Every line of it is marked, whichever character ends the one before.
            let lines = Fence.escaped(quoted).split(whereSeparator: \.isNewline)
            text = lines.map { "> \($0)" }.joined(separator: "\n") + "\n" + text
        }
        if let author = message.forwardedFrom { text = Fence.wrap(words, in: "forwarded", [("from", author)]) }
        if let attribution { text = attribution.attributed(text, to: message.sender) }
        var seen = ChatMessage(
            .user, text, attachments: message.attachments, timestamp: settings.timestamps ? time : nil)
        if message.forwardedFrom != nil { seen.isForwarded = true }
        return seen
    }

    /// How it is said who speaks; `nil` where one person does.
    func attribution(in conversation: Conversation) -> Attribution? {
        guard conversation.scope != .dm, settings.scope == .perChat else { return nil }
        return settings.attribution.map(Attribution.init)
    }

    private func isIdle(_ minutes: Int, _ lastUsed: Timestamp, _ now: Timestamp) -> Bool {
        now - lastUsed >= .seconds(60 * minutes)
    }

    private func isPast(_ hour: Int, _ lastUsed: Timestamp, _ now: Timestamp) -> Bool {
        day(of: lastUsed, startingAt: hour) < day(of: now, startingAt: hour)
    }

    private func day(of time: Timestamp, startingAt hour: Int) -> Int64 {
        let seconds = time.microseconds / 1_000_000 + Int64(secondsFromGMT) - Int64(hour) * 3600
        return (Double(seconds) / 86_400).rounded(.down).exactInt64
    }
}

extension Double {
    fileprivate var exactInt64: Int64 { Int64(exactly: self) ?? 0 }
}
