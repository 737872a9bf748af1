import PraisonCore
import Synchronization

/// One question put to an agent by a program that waits for the answer, and what has come of it so far.
///
/// The turn never waits for the program: what it says is kept here, neighbouring pieces of text as one, within bounds.
final class AgentCall: Sendable {
    enum News: Sendable {
        case part(ReplyPart)
        /// The answer, or how the turn ended without one. Nothing comes after it.
        case end(OutboundMessage)
        /// The program has taken too little for too long, and the rest is lost. Nothing comes after it.
        case overflow
    }

    private typealias Taker = CheckedContinuation<Void, Never>

    private struct State {
        var news: [News] = []
        var bytes = 0
        var isOver = false
        var taker: Taker?
        /// Nobody listens until the end.
        var dropsParts = false
        var onEnd: (@Sendable (OutboundMessage?) -> Void)?
    }

    let event: EventID
    let conversation: Conversation
    private let byteLimit: Int
    private let state = Mutex(State())

    init(event: EventID, conversation: Conversation, byteLimit: Int) {
        self.event = event
        self.conversation = conversation
        self.byteLimit = byteLimit
    }

    /// Whether the turn has come to its end, as far as it concerns the program.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Nobody takes anything any more.
    ///
    /// - Returns: whether the turn was still going on.
    func leave() -> Bool {
        let (wasOn, onEnd) = state.withLock { state in
            defer { state.isOver = true }
            return (!state.isOver, Self.taken(&state.onEnd))
        }
        onEnd?(nil)
        return wasOn
    }

    /// Tells `act` once how the turn has ended: at once where it has already, and without a message where nobody waits
    /// any more.
    ///
    /// - Parameter dropsParts: whether nobody wants to hear what is said on the way.
    func whenOver(dropsParts: Bool, _ act: @escaping @Sendable (OutboundMessage?) -> Void) {
        let (isOver, end) = state.withLock { state -> (Bool, OutboundMessage?) in
            state.dropsParts = dropsParts
            if !state.isOver { state.onEnd = act }
            if case .end(let message)? = state.news.last { return (state.isOver, message) }
            return (state.isOver, nil)
        }
        if isOver { act(end) }
    }

    // MARK: The turn's side

    func take(_ part: ReplyPart) {
        let taker = state.withLock { state -> Taker? in
            guard !state.isOver, !state.dropsParts else { return nil }
            state.bytes += part.size
            if state.bytes > byteLimit, !state.news.isEmpty {
                state.news.append(.overflow)
                state.isOver = true
            } else if case .text(let more) = part, case .part(.text(let text))? = state.news.last {
                state.news[state.news.count - 1] = .part(.text(text + more))
            } else {
                state.news.append(.part(part))
            }
            return Self.taken(&state.taker)
        }
        taker?.resume()
    }

    func end(_ message: OutboundMessage) {
        let (taker, onEnd) = state.withLock { state -> (Taker?, (@Sendable (OutboundMessage?) -> Void)?) in
            guard !state.isOver else { return (nil, nil) }
            state.news.append(.end(message))
            state.isOver = true
            return (Self.taken(&state.taker), Self.taken(&state.onEnd))
        }
        onEnd?(message)
        taker?.resume()
    }

    /// Ends it here, whatever becomes of the turn.
    func stop() {
        end(
            OutboundMessage(
                key: "\(event)/stopped", conversation: conversation, text: "", answers: event,
                outcome: TurnOutcome(.stopped)))
    }

    // MARK: The program's side

    /// What comes next; `nil` when nothing has come within `limit`. For one task at a time.
    func next(within limit: Duration, clock: any GatewayClock) async throws -> News? {
        if let news = takeFirst() { return news }
        do {
            return try await withTimeout(limit, clock: clock) { try await self.next() }
        } catch is TimeoutError {
            return nil
        }
    }

    /// What comes next.
    func next() async throws -> News {
        while true {
            if let news = takeFirst() { return news }
            try Task.checkCancellation()
            await arrival()
        }
    }

    /// Waits until there is something to take, for `limit` at most.
    func firstSign(within limit: Duration, clock: any GatewayClock) async throws {
        do {
            try await withTimeout(limit, clock: clock) { await self.arrival() }
        } catch is TimeoutError {}
    }

    /// The answer, with what was said on the way left out.
    func answer() async throws -> News {
        while true {
            let news = try await next()
            if case .part = news { continue }
            return news
        }
    }

    /// What is next, left where it is.
    var upcoming: News? { state.withLock { $0.news.first } }

    private func takeFirst() -> News? {
        state.withLock { state in
            guard !state.news.isEmpty else { return nil }
            let news = state.news.removeFirst()
            if case .part(let part) = news { state.bytes -= part.size }
            return news
        }
    }

    private func arrival() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (taker: Taker) in
                let isReady = state.withLock { state in
                    if !state.news.isEmpty || Task.isCancelled { return true }
                    state.taker = taker
                    return false
                }
                if isReady { taker.resume() }
            }
        } onCancel: {
            state.withLock { Self.taken(&$0.taker) }?.resume()
        }
    }

    private static func taken<Value>(_ place: inout Value?) -> Value? {
        defer { place = nil }
        return place
    }
}

extension ReplyPart {
    fileprivate var size: Int {
        switch self {
        case .text(let text), .reasoning(let text): text.utf8.count
        case .toolCall(let call): call.arguments.utf8.count + 64
        case .toolResult(_, let text, _): text.utf8.count + 64
        }
    }
}
