import PraisonCore
import Synchronization

/// Tells a growing answer in one protocol's words. Each piece is whole server-sent events, or empty.
protocol AnswerWriter: Sendable {
    /// Before the first word.
    mutating func begin() -> String
    mutating func take(_ part: ReplyPart) -> String
    mutating func end(_ message: OutboundMessage) -> String
    mutating func fail(_ refusal: APIRefusal) -> String
}

/// A streamed answer, written piece by piece as its reader takes it.
final class AnswerBody<Writer: AnswerWriter>: Sendable {
    private enum Phase { case beginning, talking, over }

    private struct State {
        var phase = Phase.beginning
        var writer: Writer
        /// Let go at the end, so that the turn counts as answered then and not when the reader hangs up.
        var open: OpenCall?

        mutating func tell(_ news: AgentCall.News) -> String {
            if case .part(let part) = news { return writer.take(part) }
            phase = .over
            open = nil
            do { return writer.end(try AgentAPI.answer(in: news)) } catch { return writer.fail(error) }
        }
    }

    private let state: Mutex<State>
    private let call: AgentCall
    private let clock: any GatewayClock

    init(_ open: OpenCall, _ writer: Writer, clock: any GatewayClock) {
        state = Mutex(State(writer: writer, open: open))
        call = open.call
        self.clock = clock
    }

    /// The next piece; `nil` at the end.
    func next() async throws -> [UInt8]? {
        while true {
            let begun = state.withLock { state -> String?? in
                switch state.phase {
                case .over: return .some(nil)
                case .beginning:
                    state.phase = .talking
                    return state.writer.begin()
                case .talking: return .none
                }
            }
            if let begun {
                guard let text = begun else { return nil }
                if text.isEmpty { continue }
                return Array(text.utf8)
            }
            guard let news = try await call.next(within: AgentAPI.pingInterval, clock: clock) else {
                return Array(": ping\n\n".utf8)
            }
            let text = state.withLock { $0.tell(news) }
            if !text.isEmpty { return Array(text.utf8) }
        }
    }
}

enum ServerSentEvent {
    /// One event; `data:` with a space, lines end with LF, no byte order mark: what every client understands.
    static func text(_ data: JSONValue, name: String? = nil) -> String {
        (name.map { "event: \($0)\n" } ?? "") + "data: \(data.text())\n\n"
    }
}

/// How much of an answer's text has been sent.
struct SentText: Sendable {
    private(set) var text = ""

    mutating func add(_ more: String) { text += more }

    /// What is still to be sent of the whole answer: nothing where it turned out otherwise than it grew.
    func rest(of whole: String) -> String {
        if text.isEmpty { return whole }
        return whole.hasPrefix(text) ? String(whole.dropFirst(text.count)) : ""
    }
}
