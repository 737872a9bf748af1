import Logging
import PraisonCore

/// A reply that people see grow: one message, edited at a pace the platform and the channel's `streaming:` block allow.
actor ReplyDraft {
    /// Failed edits after which the rest is sent as a whole.
    private static let patience = 3

    private let work: Work
    private let adapter: (any EditsMessages)?
    private let settings: StreamingSettings
    private let interval: Duration
    private let limit: Int
    private let runner: TurnRunner
    private var text = ""
    private var shown = ""
    private var nextEdit: Duration
    private var failures = 0
    private(set) var messageID: MessageID?

    init(_ work: Work, adapter: (any ChannelAdapter)?, _ settings: StreamingSettings, _ runner: TurnRunner) {
        self.work = work
        self.settings = settings
        self.runner = runner
        let capabilities = adapter.map { type(of: $0).capabilities }
        self.adapter = settings.mode == .off || capabilities?.editInterval == nil ? nil : adapter as? any EditsMessages
        interval = max(settings.minInterval, capabilities?.editInterval ?? .zero)
        limit = (capabilities?.textLimit ?? 4000) * 9 / 10
        nextEdit = runner.clock.uptime
    }

    /// Takes more of the reply and shows it when it is time. Never throws: the whole reply is sent in the end anyway.
    func take(_ part: ReplyPart) async {
        guard let adapter, case .text(let more) = part else { return }
        text += more
        guard failures < Self.patience, runner.clock.uptime >= nextEdit else { return }
        let visible = settings.mode == .progress ? settings.placeholder : String(text.prefix(limit))
        let isDue = messageID == nil || visible.count - shown.count >= settings.minDelta
        guard isDue, visible != shown, !visible.allSatisfy(\.isWhitespace) else { return }
        await show(visible, through: adapter)
    }

    private func show(_ visible: String, through adapter: any EditsMessages) async {
        var message = OutboundMessage(
            key: "\(work.entry.event.id)/draft", conversation: work.message.conversation, text: visible,
            replyTo: work.message.conversation.scope == .dm ? nil : work.message.id)
        do {
            if messageID == nil { messageID = try await earlierDraft() }
            if let messageID {
                message.replaces = messageID
                _ = try await adapter.edit(message)
            } else {
                let receipt = try await adapter.send(message)
                messageID = receipt.id
                try await runner.journal.save(receipt.id.rawValue, for: cursor)
            }
            shown = visible
            nextEdit = runner.clock.uptime + interval
        } catch ChannelError.rateLimited(let wait) {
            nextEdit = runner.clock.uptime + max(wait, interval)
        } catch {
            failures += 1
            runner.logger.debug("a draft could not be shown", metadata: ["error": "\(error)"])
        }
    }

    /// Where a crash interrupted this turn, its draft is already there and goes on growing.
    private func earlierDraft() async throws -> MessageID? {
        try await runner.journal.cursor(cursor).map(MessageID.init(rawValue:))
    }

    private var cursor: String { Self.cursor(of: work.entry.id) }

    /// Where the journal keeps the draft's message while the turn runs.
    static func cursor(of entry: JournalEntry.ID) -> String { "draft/\(entry)" }
}
