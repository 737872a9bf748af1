import Logging
import PraisonCore

/// A reply that people see grow: messages that are edited at a pace the platform and the channel's `streaming:` block
/// allow. A reply too long for one message goes on in the next.
///
/// What is shown is only a preview. In the end the outbox overwrites it with the whole reply, piece by piece.
actor ReplyDraft {
    /// Stands in the journal for a message that is being sent, whose identifier is not known yet.
    private static let unknown = "?"

    /// What people see of the reply when its turn ends.
    struct Shown: Sendable {
        var messages: [MessageID] = []
        /// Whether one more may be there, sent just before a crash.
        var mayHaveOneMore = false
    }

    private let entry: JournalEntry
    private let conversation: Conversation
    private let replyTo: MessageID?
    private let adapter: (any EditsMessages)?
    private let splitter: TextSplitter?
    private let settings: StreamingSettings
    private let silence: Silence
    /// Between two edits; grows when the platform complains.
    private var interval: Duration
    private let journal: any Journal
    private let outbox: Outbox
    private let clock: any GatewayClock
    private let logger: Logger

    private var text = ""
    private var texts: [String] = []
    private var nextEdit: Duration
    private var lastEdit: Duration
    private var failures = 0
    private var isRestored = false
    private(set) var messages: [MessageID] = []
    private var mayHaveOneMore = false

    init(_ work: Work, in conversation: Conversation, _ channel: ChannelSettings, _ room: TurnRunner) {
        let settings = channel.streaming
        let adapter = room.board.adapter(of: conversation.channel)
        let capabilities = adapter.map { type(of: $0).capabilities }
        entry = work.entry
        self.conversation = conversation
        replyTo = conversation.scope == .dm ? nil : work.message.id
        self.settings = settings
        silence = Silence(token: channel.silenceToken)
        self.adapter = settings.mode == .off || capabilities?.editInterval == nil ? nil : adapter as? any EditsMessages
        splitter = capabilities.map { TextSplitter($0) }
        interval = max(settings.minInterval, capabilities?.editInterval ?? .zero)
        journal = room.journal
        outbox = room.outbox
        clock = room.clock
        logger = room.logger
        nextEdit = room.clock.uptime
        lastEdit = nextEdit
    }

    var shown: Shown { Shown(messages: messages, mayHaveOneMore: mayHaveOneMore) }

    /// Whether people see the reply grow.
    nonisolated var isShown: Bool { adapter != nil }

    /// What people have read of the reply; empty where they see a placeholder only, or nothing.
    var visibleText: String { messages.isEmpty || settings.mode == .progress ? "" : text }

    /// Takes more of the reply and shows it when it is time. Never throws: the whole reply is sent in the end anyway.
    func take(_ part: ReplyPart) async {
        guard let adapter, let splitter, case .text(let more) = part else { return }
        text += more
        guard failures < settings.maximumFailures, !mayHaveOneMore, clock.uptime >= nextEdit else { return }
        if silence.mayBeChosen(byReplyBeginning: text) { return }
        let pieces =
            settings.mode == .progress
            ? [settings.placeholder] : splitter.pieces(of: settings.progressPrefix + text)
        let isDue =
            messages.isEmpty || length(pieces) - length(texts) >= settings.minDelta
            || clock.uptime - lastEdit >= settings.maxInterval
        guard isDue, let first = pieces.first, !first.allSatisfy(\.isWhitespace) else { return }
        lastEdit = clock.uptime
        nextEdit = lastEdit + interval
        await show(pieces, through: adapter)
    }

    /// Takes up the messages an earlier process showed of this turn.
    func restore() async throws {
        guard !isRestored else { return }
        isRestored = true
        for line in try await journal.cursor(cursor)?.split(separator: "\n") ?? [] {
            if line == Self.unknown { mayHaveOneMore = true } else { messages.append(MessageID(String(line))) }
        }
        texts = messages.map { _ in "" }
    }

    /// Brings the next message that is behind up to date; the others follow at the next opportunity.
    private func show(_ pieces: [String], through adapter: any EditsMessages) async {
        guard let index = pieces.indices.first(where: { $0 >= texts.count || texts[$0] != pieces[$0] }),
            await outbox.mayPass(in: conversation, adapter)
        else { return }
        var message = OutboundMessage(
            key: "\(entry.event.id)/draft/\(index)", conversation: conversation, text: pieces[index],
            replyTo: index == 0 ? replyTo : nil, answers: entry.event.id)
        do {
            if index < messages.count {
                message.replaces = messages[index]
                let id = try await adapter.edit(message).id
                texts[index] = pieces[index]
                if id != messages[index] { try await replace(index, by: id) }
            } else {
                try await send(message, through: adapter)
                texts.append(pieces[index])
            }
        } catch ChannelError.rateLimited(let wait) {
            interval = max(interval, min(interval * settings.floodBackoff, settings.maxInterval))
            nextEdit = clock.uptime + max(wait, interval)
            await outbox.refused(conversation, for: wait)
        } catch {
            failures += 1
            logger.debug("a draft could not be shown", metadata: ["error": "\(error)"])
        }
    }

    /// The journal knows before the platform does that there may be a message, and then which one it is.
    private func send(_ message: OutboundMessage, through adapter: any EditsMessages) async throws {
        try await journal.save(lines(messages.map(\.rawValue) + [Self.unknown]), for: cursor)
        do {
            messages.append(try await adapter.send(message).id)
        } catch ChannelError.ambiguous(let reason) {
            mayHaveOneMore = true
            throw ChannelError.ambiguous(reason: reason)
        } catch {
            try await journal.save(messages.isEmpty ? nil : lines(messages.map(\.rawValue)), for: cursor)
            throw error
        }
        try await keepMessages()
    }

    /// Goes on in the message that stands for one that somebody has deleted. Whoever deletes it again and again is shown
    /// no more of the reply before it is whole.
    private func replace(_ index: Int, by id: MessageID) async throws {
        messages[index] = id
        failures += 1
        try await keepMessages()
    }

    private func keepMessages() async throws {
        try await journal.save(lines(messages.map(\.rawValue)), for: cursor)
    }

    /// Forgets the draft once the turn that wrote it is settled.
    func forget() async throws {
        guard !messages.isEmpty || mayHaveOneMore else { return }
        try await journal.save(nil, for: cursor)
    }

    /// Where the journal keeps the draft's messages while the turn runs.
    private var cursor: String { "draft/\(entry.id)" }

    private func lines(_ identifiers: [String]) -> String { identifiers.joined(separator: "\n") }
    private func length(_ pieces: [String]) -> Int { pieces.reduce(0) { $0 + $1.utf8.count } }
}
