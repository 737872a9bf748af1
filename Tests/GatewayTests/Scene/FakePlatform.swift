import PraisonCore

/// What people would see on a platform, and a script of what goes wrong there.
final class FakePlatform: Sendable {
    enum Reaction: Sendable {
        case deliver
        case refuse(ChannelError)
        /// The message arrives and the answer does not.
        case deliverInSilence
        /// Nothing comes back until the call is cancelled, and the message is not there.
        case hang
    }

    struct Shown: Hashable, Sendable {
        var id: MessageID
        var key: String
        var conversation: Conversation
        var text: String
        var replyTo: MessageID?
        var outcome: TurnOutcome?
        var buttons: [OutboundMessage.Button]?
    }

    private struct State: Sendable {
        var shown: [Shown] = []
        var messages = 0
        var calls = 0
        var typing = 0
        var script: [Reaction] = []
        var scripts: [Conversation.ID: [Reaction]] = [:]
        var callTimes: [Duration] = []
        var parts: [(EventID, ReplyPart)] = []
        var process: MortalJournal?
    }

    private let state = Observed(State())
    private let clock: any GatewayClock

    init(clock: any GatewayClock) { self.clock = clock }

    /// Calls come from the process that writes this journal, and end with it.
    func play(in process: MortalJournal) { state.change { $0.process = process } }

    // MARK: For tests

    /// What happens at the next calls, one after the other; then everything is delivered.
    func next(_ reactions: Reaction..., in conversation: Conversation.ID? = nil) {
        state.change { state in
            if let conversation {
                state.scripts[conversation, default: []] += reactions
            } else {
                state.script += reactions
            }
        }
    }

    /// People delete everything that is there.
    func clear() { state.change { $0.shown = [] } }

    /// What people see, in the order in which it appeared.
    var shown: [Shown] { state.value.shown }
    var texts: [String] { shown.map(\.text) }
    var calls: Int { state.value.calls }
    var typing: Int { state.value.typing }
    var callTimes: [Duration] { state.value.callTimes }
    var parts: [(EventID, ReplyPart)] { state.value.parts }

    /// Waits until so many messages are there, and returns their texts.
    @discardableResult
    func texts(_ count: Int) async throws -> [String] {
        try await wait { $0.shown.count >= count }
        return texts
    }

    func calls(_ count: Int) async throws { try await wait { $0.calls >= count } }

    func text(_ text: String) async throws { try await wait { $0.shown.contains { $0.text == text } } }

    /// - Throws: `CancellationError` when the test's time is up before.
    private func wait(_ isDone: @escaping @Sendable (State) -> Bool) async throws {
        guard isDone(await state.wait(until: isDone)) else { throw CancellationError() }
    }

    // MARK: For adapters

    func take(_ message: OutboundMessage, overwriting id: MessageID? = nil) async throws(ChannelError)
        -> MessageReceipt
    {
        do {
            guard let process = state.value.process else { return try await carryOut(message, id) }
            return try await process.step { try await carryOut(message, id) }
        } catch let error as ChannelError {
            throw error
        } catch {
            throw .ambiguous(reason: "the process ended")
        }
    }

    private func carryOut(_ message: OutboundMessage, _ id: MessageID?) async throws -> MessageReceipt {
        let now = clock.uptime
        let reaction = state.change { state in
            state.calls += 1
            state.callTimes.append(now)
            let id = message.conversation.id
            if state.scripts[id]?.isEmpty == false { return state.scripts[id]!.removeFirst() }
            return state.script.isEmpty ? .deliver : state.script.removeFirst()
        }
        switch reaction {
        case .refuse(let error): throw error
        case .hang:
            try? await SystemClock().sleep(for: .seconds(3600))
            throw ChannelError.ambiguous(reason: "cancelled")
        case .deliver: return MessageReceipt(id: show(message, overwriting: id))
        case .deliverInSilence:
            _ = show(message, overwriting: id)
            throw ChannelError.ambiguous(reason: "no answer")
        }
    }

    private func show(_ message: OutboundMessage, overwriting id: MessageID?) -> MessageID {
        state.change { state in
            if let id, let place = state.shown.firstIndex(where: { $0.id == id }) {
                state.shown[place].text = message.text
                state.shown[place].outcome = message.outcome
                if let buttons = message.buttons { state.shown[place].buttons = buttons }
                return id
            }
            state.messages += 1
            let id = MessageID("m\(state.messages)")
            state.shown.append(
                Shown(
                    id: id, key: message.key, conversation: message.conversation, text: message.text,
                    replyTo: message.replyTo, outcome: message.outcome, buttons: message.buttons))
            return id
        }
    }

    func showTyping() { state.change { $0.typing += 1 } }
    func stream(_ part: ReplyPart, _ event: EventID) { state.change { $0.parts.append((event, part)) } }
}

/// The adapters of fake platforms: one plain, and one for each thing a platform may be able to do besides.
protocol FakeAdapter: ChannelAdapter {
    var stage: FakePlatform { get }
    init(_ stage: FakePlatform)
}

extension FakeAdapter {
    static var platform: Platform { "fake" }
    static var capabilities: ChannelCapabilities { .make(limit: 400) }
    init(settings: ChannelSettings, context: ChannelContext) throws {
        throw ChannelSettingsError(key: "platform", problem: "fake adapters are made by tests")
    }
    func run() async throws {
        while true { try await SystemClock().sleep(for: .seconds(3600)) }
    }
    func send(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt { try await stage.take(message) }
    static func events(in payload: JSONDocument, for receiver: Receiver) -> [GatewayEvent] { [] }
}

struct PlainAdapter: FakeAdapter {
    let stage: FakePlatform
    init(_ stage: FakePlatform) { self.stage = stage }
}

struct EditingAdapter: FakeAdapter, EditsMessages, ShowsTyping {
    let stage: FakePlatform
    init(_ stage: FakePlatform) { self.stage = stage }
    static var capabilities: ChannelCapabilities {
        .make(limit: 60, typing: .seconds(4), edits: .seconds(1))
    }
    func edit(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt {
        try await stage.take(message, overwriting: message.replaces)
    }
    func showTyping(in conversation: Conversation) async throws(ChannelError) { stage.showTyping() }
}

/// Has room for more.
struct WideEditingAdapter: FakeAdapter, EditsMessages {
    let stage: FakePlatform
    init(_ stage: FakePlatform) { self.stage = stage }
    static var capabilities: ChannelCapabilities { .make(limit: 400, edits: .seconds(1)) }
    func edit(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt {
        try await stage.take(message, overwriting: message.replaces)
    }
}

/// Can tell whether a message arrived.
struct ReconcilingAdapter: FakeAdapter, ReconcilesSends {
    let stage: FakePlatform
    init(_ stage: FakePlatform) { self.stage = stage }
    func receipt(of message: OutboundMessage) async throws(ChannelError) -> MessageReceipt? {
        stage.shown.first { $0.key == message.key }.map { MessageReceipt(id: $0.id) }
    }
}

/// Knows a message by its key, and shows it once.
struct IdempotentAdapter: FakeAdapter {
    let stage: FakePlatform
    init(_ stage: FakePlatform) { self.stage = stage }
    static var capabilities: ChannelCapabilities { .make(limit: 400, repeatsAreInvisible: true) }
    func send(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt {
        if let known = stage.shown.first(where: { $0.key == message.key }) { return MessageReceipt(id: known.id) }
        return try await stage.take(message)
    }
}

struct PacedAdapter: FakeAdapter {
    let stage: FakePlatform
    init(_ stage: FakePlatform) { self.stage = stage }
    static var capabilities: ChannelCapabilities {
        .make(limit: 60, pace: .init(perSecond: 0, perConversation: .seconds(1), burst: 1))
    }
}

/// Shows to whoever said the first thing that an answer is on its way.
struct WaitingAdapter: FakeAdapter, ShowsWaiting {
    let stage: FakePlatform
    init(_ stage: FakePlatform) { self.stage = stage }
    static func isAwaited(_ event: EventID) -> Bool { event == "house/1" }
}

struct StreamingAdapter: FakeAdapter, StreamsReplies {
    let stage: FakePlatform
    init(_ stage: FakePlatform) { self.stage = stage }
    func stream(_ part: ReplyPart, answering event: EventID, agent: AgentName, in conversation: Conversation) async {
        stage.stream(part, event)
    }
}
