import PraisonCore

/// One answer of a ``FakeModelServer``, on the wire.
struct FakeModelAnswer {
    enum Piece {
        case bytes([UInt8])
        case silence
        case cut
    }

    static let forever: Duration = .seconds(86_400 * 365)

    private let behaviour: FakeModelBehaviour
    private let call: FakeModelServer.Call

    init(_ behaviour: FakeModelBehaviour, to call: FakeModelServer.Call) {
        self.behaviour = behaviour
        self.call = call
    }

    var hangs: Bool { behaviour == .hang }

    /// Before each piece.
    var pause: Duration { if case .slow(let pause) = behaviour { pause } else { .zero } }

    /// The stream's pieces; `nil` where the answer comes whole.
    var pieces: [Piece]? {
        guard call.body["stream"]?.bool == true else { return nil }
        switch behaviour {
        case .status, .page, .raw, .refuse: return nil
        case .stall: return [opening] + words.prefix(half) + [.silence]
        case .truncate: return [opening] + words.prefix(half)
        case .cut: return [opening] + words.prefix(half) + [.cut]
        case .failInStream(let afterText): return (afterText ? [opening] + words.prefix(half) : []) + [failure]
        default: return [opening] + thoughts + words + tools + closing
        }
    }

    /// The answer where it comes whole.
    var response: HTTPResponse {
        switch behaviour {
        case .status(let status, let body, let headers): return failing(status, body, headers)
        case .page: return .text("<!doctype html><title>Sign in</title>", type: "text/html")
        case .raw(let type, let body): return .text(body, type: type)
        case .refuse(let field): return FakeModelServer.error(400, "Unsupported parameter: '\(field)'")
        case .truncate, .cut, .stall: return .text("{\"choices\": [{\"mess", type: "application/json")
        case .failInStream: return FakeModelServer.error(500, "The model failed.", type: "server_error")
        default: return .json(whole)
        }
    }

    // MARK: Content

    private var text: String {
        switch behaviour {
        case .say(let text), .think(_, let text): text
        case .callTools, .empty: ""
        default: "echo: \(call.question)"
        }
    }

    private var toolCalls: [ToolCall] { if case .callTools(let calls) = behaviour { calls } else { [] } }

    private var finish: JSONValue { toolCalls.isEmpty ? "stop" : "tool_calls" }

    private var usage: JSONValue {
        let input = call.body.text().utf8.count / 4
        let output = text.utf8.count / 4 + 1
        return [
            "prompt_tokens": JSONValue(input), "completion_tokens": JSONValue(output),
            "total_tokens": JSONValue(input + output),
        ]
    }

    private func failing(_ status: Int, _ body: String, _ headers: HTTPHeaders) -> HTTPResponse {
        var response =
            body.isEmpty
            ? FakeModelServer.error(status, "simulated status \(status)", type: "simulated_error")
            : HTTPResponse(status: status, headers: ["Content-Type": "text/plain"], body: .bytes(Array(body.utf8)))
        for field in headers.fields { response.headers.append(name: field.name, value: field.value) }
        return response
    }

    private var whole: JSONValue {
        var message: [String: JSONValue] = ["role": "assistant", "content": .string(text)]
        if !toolCalls.isEmpty { message["tool_calls"] = .array(toolCalls.enumerated().map(Self.json)) }
        return [
            "id": "chatcmpl-fake", "object": "chat.completion", "created": 1, "model": model, "usage": usage,
            "choices": [["index": 0, "message": .object(message), "finish_reason": finish]],
        ]
    }

    // MARK: Pieces

    private var model: JSONValue { call.body["model"] ?? "fake" }

    private var opening: Piece { chunk(delta: ["role": "assistant", "content": ""]) }

    private var thoughts: [Piece] {
        if case .think(let thought, _) = behaviour {
            [chunk(delta: ["reasoning_content": .string(thought)])]
        } else {
            []
        }
    }

    private var words: [Piece] {
        var words: [String] = []
        for character in text {
            if character == " " || words.isEmpty { words.append("") }
            words[words.count - 1].append(character)
        }
        return words.map { chunk(delta: ["content": .string($0)]) }
    }

    private var half: Int { max(words.count / 2, 1) }

    private var tools: [Piece] {
        toolCalls.enumerated().flatMap { index, call in
            var opening = call
            opening.arguments = ""
            let fragments = call.arguments.map { String($0) }.chunked(by: 8).map { part in
                chunk(delta: [
                    "tool_calls": [["index": JSONValue(index), "function": ["arguments": .string(part.joined())]]]
                ])
            }
            return [chunk(delta: ["tool_calls": [Self.json(index, opening)]])] + fragments
        }
    }

    private var closing: [Piece] {
        var pieces = [chunk(delta: [:], finish: finish)]
        if call.body["stream_options"]?["include_usage"]?.bool == true {
            pieces.append(event(["id": "chatcmpl-fake", "choices": [], "usage": usage, "model": model]))
        }
        return pieces + [.bytes(Array("data: [DONE]\n\n".utf8))]
    }

    private var failure: Piece {
        event(["error": ["message": "The model failed.", "type": "server_error", "code": .null]])
    }

    private func chunk(delta: JSONValue, finish: JSONValue = .null) -> Piece {
        event([
            "id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": 1, "model": model,
            "choices": [["index": 0, "delta": delta, "finish_reason": finish]],
        ])
    }

    private func event(_ value: JSONValue) -> Piece { .bytes(Array("data: \(value.text())\n\n".utf8)) }

    private static func json(_ index: Int, _ call: ToolCall) -> JSONValue {
        [
            "index": JSONValue(index), "id": .string(call.id), "type": "function",
            "function": ["name": .string(call.name), "arguments": .string(call.arguments)],
        ]
    }
}

extension Array {
    fileprivate func chunked(by size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
