import PraisonCore
import PraisonSimulation
import Synchronization

/// A Bot API that says literally what it is told to, for answers no simulator would give.
final class ScriptedAPI: HTTPHandler {
    struct Call: Sendable {
        var method: String
        var parameters: JSONValue
    }

    private struct State {
        var calls: [Call] = []
        var answers: [String: [HTTPResponse]] = [:]
    }

    private let state = Mutex(State())
    private let clock: any GatewayClock

    init(clock: any GatewayClock) { self.clock = clock }

    /// The next answers to `method`, in order.
    func answer(_ method: String, _ answers: HTTPResponse...) {
        state.withLock { $0.answers[method, default: []] += answers }
    }

    func calls(_ method: String) -> [JSONValue] {
        state.withLock { $0.calls.filter { $0.method == method }.map(\.parameters) }
    }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        let method = request.path.split(separator: "/").last.map(String.init) ?? ""
        let parameters = (try? JSONDocument(parsing: request.body).value) ?? .null
        let answer = state.withLock { state -> HTTPResponse? in
            state.calls.append(Call(method: method, parameters: parameters))
            guard state.answers[method]?.isEmpty == false else { return nil }
            return state.answers[method]?.removeFirst()
        }
        if let answer { return answer }
        switch method {
        case "getMe": return .result(["id": 123456, "is_bot": true, "first_name": "Sim", "username": "sim_bot"])
        case "getUpdates":
            // Nothing ever comes; the poll lasts as long as it may.
            try? await clock.sleep(for: .seconds(parameters["timeout"]?.int ?? 0))
            return .result([])
        default: return .result(true)
        }
    }
}

extension HTTPResponse {
    static func result(_ result: JSONValue) -> HTTPResponse { .json(["ok": true, "result": result]) }

    static func refused(
        _ code: Int, _ description: String, parameters: JSONValue? = nil
    ) -> HTTPResponse {
        var body: [String: JSONValue] = [
            "ok": false, "error_code": JSONValue(code), "description": .string(description),
        ]
        body["parameters"] = parameters
        return .json(.object(body), status: code)
    }

    /// Answers to `getUpdates`: a message in a private chat for each number.
    static func updates(_ numbers: Int64...) -> HTTPResponse {
        .result(
            .array(
                numbers.map { number in
                    [
                        "update_id": JSONValue(number),
                        "message": [
                            "message_id": JSONValue(number), "date": 1_767_225_600, "text": .string("update \(number)"),
                            "chat": ["id": 1001, "type": "private", "first_name": "Ada"],
                            "from": ["id": 1001, "is_bot": false, "first_name": "Ada"],
                        ],
                    ]
                }))
    }
}
