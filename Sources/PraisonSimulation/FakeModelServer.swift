public import PraisonCore
import Synchronization

/// A language model's server for tests and demonstrations: it speaks Chat Completions, streamed and whole, and says
/// `echo: ` and the last message of the user. What else it should do is said in three ways, the first found counts:
///
/// - in the message: `fake:hang`, `fake:status 429`, see ``FakeModelBehaviour/init(directive:)``;
/// - by ``prepare(_:times:matching:)``;
/// - over HTTP: `POST /_sim/faults {"kind": "status", "code": 429, "times": 2, "match": "hello"}`.
///
/// `GET /_sim/calls` tells what was asked, `POST /_sim/reset` forgets it.
public final class FakeModelServer: HTTPHandler {
    /// A request for an answer, and what became of it.
    public struct Call: Hashable, Sendable {
        public enum End: String, Hashable, Sendable {
            case running, finished
            /// The asker went away.
            case cancelled
        }

        public var path: String
        public var authorization: String?
        public var body: JSONValue
        public var end: End

        /// The last message of the user.
        public var question: String {
            let messages = body["messages"]?.array ?? []
            return messages.last { $0["role"]?.string == "user" }?["content"]?.string ?? ""
        }
    }

    private struct Prepared: Sendable {
        var behaviour: FakeModelBehaviour
        var times: Int
        var match: String?
    }

    private struct State: Sendable {
        var calls: [Call] = []
        var forgotten = 0
        var prepared: [Prepared] = []
    }

    /// Calls remembered.
    private static let maximumCalls = 10_000

    private let clock: any GatewayClock
    private let key: String?
    private let state = Observed(State())

    /// - Parameters:
    ///   - clock: passes the time of slow and of hanging answers.
    ///   - key: what must come as `Authorization: Bearer KEY`; `nil` to let everybody in.
    public init(clock: any GatewayClock, key: String? = nil) {
        self.clock = clock
        self.key = key
    }

    /// What was asked, in order.
    public var calls: [Call] { state.value.calls }

    /// Returns once it was asked `count` times since it was made, or when the waiting task is cancelled.
    public func waitForCalls(_ count: Int = 1) async { await state.wait { $0.forgotten + $0.calls.count >= count } }

    /// Has the next answers be something else than an echo.
    ///
    /// - Parameter text: only messages that contain it; `nil` for all.
    public func prepare(_ behaviour: FakeModelBehaviour, times: Int = 1, matching text: String? = nil) {
        state.change { $0.prepared.append(Prepared(behaviour: behaviour, times: times, match: text)) }
    }

    public func reset() {
        state.change { state in
            state.forgotten += state.calls.count
            state.calls = []
            state.prepared = []
        }
    }

    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        switch (request.method, request.path) {
        case (.get, "/_sim/calls"): return .json(.array(calls.map(Self.json)))
        case (.post, "/_sim/reset"):
            reset()
            return .json(["ok": true])
        case (.post, "/_sim/faults"): return prepare(from: request)
        case (.get, let path) where path.hasSuffix("/models"):
            return .json(["object": "list", "data": [["id": "fake", "object": "model"]]])
        case (.post, let path) where path.hasSuffix("/chat/completions"): return await answer(request)
        default: return Self.error(404, "no such path: \(request.path)", type: "invalid_request_error")
        }
    }

    private func prepare(from request: HTTPRequest) -> HTTPResponse {
        guard let body = try? JSONDocument(parsing: request.body), let behaviour = FakeModelBehaviour(body) else {
            return Self.error(400, "unknown kind", type: "invalid_request_error")
        }
        prepare(behaviour, times: max(body["times"]?.int ?? 1, 1), matching: body["match"]?.string)
        return .json(["ok": true])
    }

    private func answer(_ request: HTTPRequest) async -> HTTPResponse {
        let authorization = request.headers["authorization"]
        guard let body = try? JSONDocument(parsing: request.body) else {
            return Self.error(400, "the request is not JSON", type: "invalid_request_error")
        }
        let call = Call(path: request.path, authorization: authorization, body: body.value, end: .running)
        let number = record(call)
        if let key, authorization != "Bearer \(key)" {
            finish(number, .finished)
            let given = authorization?.split(separator: " ").last.map(String.init) ?? ""
            return Self.error(401, "Incorrect API key provided: \(given).", code: "invalid_api_key")
        }
        let behaviour = FakeModelBehaviour(directive: call.question) ?? prepared(for: call) ?? .echo
        let answer = FakeModelAnswer(behaviour, to: call)
        if answer.hangs {
            try? await clock.sleep(for: FakeModelAnswer.forever)
            finish(number, Task.isCancelled ? .cancelled : .finished)
            return Self.error(504, "waited for ever", type: "server_error")
        }
        guard let pieces = answer.pieces else {
            finish(number, .finished)
            return answer.response
        }
        return HTTPResponse(
            status: 200, headers: ["Content-Type": "text/event-stream"],
            body: .stream(stream(pieces, pause: answer.pause, number)))
    }

    private func stream(_ pieces: [FakeModelAnswer.Piece], pause: Duration, _ number: Int) -> HTTPBodyStream {
        let rest = Mutex(pieces[...])
        return HTTPBodyStream { [self] in
            do {
                let (next, isLast) = rest.withLock { rest in
                    (rest.popFirst(), rest.isEmpty)
                }
                guard let piece = next else { return nil }
                if pause > .zero { try await clock.sleep(for: pause) }
                try Task.checkCancellation()
                switch piece {
                case .bytes(let bytes):
                    // An asker that has the last word need not wait for the end.
                    if isLast { finish(number, .finished) }
                    return bytes
                case .silence:
                    try await clock.sleep(for: FakeModelAnswer.forever)
                    return nil
                case .cut:
                    finish(number, .finished)
                    throw HTTPError(.closed, mayHaveReachedServer: true, detail: "cut off")
                }
            } catch is CancellationError {
                finish(number, .cancelled)
                throw CancellationError()
            }
        }
    }

    private func prepared(for call: Call) -> FakeModelBehaviour? {
        state.change { state in
            let found = state.prepared.firstIndex { prepared in
                let isMeant = prepared.match.map(call.question.contains) ?? true
                return isMeant && prepared.behaviour.applies(to: call.body)
            }
            guard let found else { return nil }
            let behaviour = state.prepared[found].behaviour
            state.prepared[found].times -= 1
            if state.prepared[found].times <= 0 { state.prepared.remove(at: found) }
            return behaviour
        }
    }

    private func record(_ call: Call) -> Int {
        state.change { state in
            if state.calls.count >= Self.maximumCalls {
                state.calls.removeFirst()
                state.forgotten += 1
            }
            state.calls.append(call)
            return state.forgotten + state.calls.count - 1
        }
    }

    private func finish(_ number: Int, _ end: Call.End) {
        state.change { state in
            let index = number - state.forgotten
            guard state.calls.indices.contains(index), state.calls[index].end == .running else { return }
            state.calls[index].end = end
        }
    }

    static func error(
        _ status: Int, _ message: String, type: String = "invalid_request_error", code: String? = nil
    ) -> HTTPResponse {
        .json(
            ["error": ["message": .string(message), "type": .string(type), "param": .null, "code": JSONValue(code)]],
            status: status)
    }

    private static func json(_ call: Call) -> JSONValue {
        ["path": .string(call.path), "body": call.body, "end": .string(call.end.rawValue)]
    }
}
