public import PraisonCore

extension GatewayClient {
    /// What a client hears.
    public enum Event: Hashable, Sendable {
        /// The client is in its session, for the first time or again.
        case connected(session: String, isResumed: Bool)
        /// The connection is gone; the next try is after the wait.
        case disconnected(reason: String, retryAfter: Duration)
        /// The session could not be taken up again, and a new one was started.
        case sessionLost(reason: String)

        /// The gateway has the message, and will answer it whatever happens.
        case accepted(requestID: String?, isQueued: Bool)
        /// The gateway had the message already.
        case duplicate(requestID: String?)
        /// More of the reply.
        case text(String)
        /// More of what the model thinks aloud; not part of the reply.
        case reasoning(String)
        case toolCall(ToolCall)
        case toolResult(id: String, text: String, isError: Bool)
        /// What was streamed of the reply under way is void; it is told from the beginning.
        case streamRestarted(reason: String)
        case streamEnded
        /// The whole reply.
        case reply(Reply)
        /// The answer to ``GatewayClient/abort(includingQueued:)``, or to a message that says `stop`, `/stop`, `/cancel` or
        /// `/stop all`, which `requestID` names then.
        case aborted(StoppedTurns, requestID: String?)
        /// A word about what goes on, for people.
        case status(String)
        /// The gateway did not do what a frame asked for. A message that it does not take just now is no problem: it is
        /// sent again when the gateway wants it.
        case problem(message: String, code: String?, requestID: String?, retryAfter: Duration?)
        /// The gateway asks; answer with ``GatewayClient/answer(_:with:)``.
        case question(Question)
        /// An approval needs no answer any more: it is `allowed`, `denied`, `expired` or `cancelled`.
        case questionClosed(id: String, status: String)
        /// Broadcasts, and what clients with the capability `events` hear.
        case gateway(GatewayEvent)
        /// A frame this library does not know.
        case other(type: String, frame: JSONValue)
    }

    /// The end of a turn.
    public struct Reply: Hashable, Sendable {
        public var text: String
        public var requestID: String?
        /// `ok`, `error`, `rejected` or `aborted`.
        public var status: String
        public var errorCode: String?
        public var errorMessage: String?
        /// Whether the same message may succeed later.
        public var isRetryable: Bool

        public init(
            text: String, requestID: String? = nil, status: String = "ok", errorCode: String? = nil,
            errorMessage: String? = nil, isRetryable: Bool = false
        ) {
            self.text = text
            self.requestID = requestID
            self.status = status
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.isRetryable = isRetryable
        }

        public var isOK: Bool { status == "ok" }
    }

    /// Something the gateway wants to know.
    public struct Question: Hashable, Sendable {
        public var id: String
        /// `approval` or `choice`, answered with one of `options`, or `input`.
        public var kind: String
        public var prompt: String
        public var options: [String]

        public init(id: String, kind: String, prompt: String, options: [String] = []) {
            self.id = id
            self.kind = kind
            self.prompt = prompt
            self.options = options
        }
    }

    /// A client's events, in order. For one reader; the connection waits while it is far behind.
    public struct Events: AsyncSequence, Sendable {
        public struct AsyncIterator: AsyncIteratorProtocol {
            let queue: EventQueue<Event>
            public mutating func next() async -> Event? { await queue.next() }
        }

        let queue: EventQueue<Event>

        public func makeAsyncIterator() -> AsyncIterator {
            queue.addReader()
            return AsyncIterator(queue: queue)
        }
    }
}
