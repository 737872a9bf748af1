public import PraisonCore

/// What a ``FakeModelServer`` does instead of echoing.
public enum FakeModelBehaviour: Hashable, Sendable {
    case echo
    /// Says this.
    case say(String)
    /// Thinks aloud first.
    case think(String, thenSay: String)
    /// Asks for tools.
    case callTools([ToolCall])
    /// Answers with a failing status; an empty body means the usual error object.
    case status(Int, body: String = "", headers: HTTPHeaders = [:])
    /// Takes the request and never says anything.
    case hang
    /// Says half of the echo, and then nothing for ever.
    case stall
    /// Waits before each piece.
    case slow(Duration)
    /// Ends the stream after half of the echo, without a last word.
    case truncate
    /// Loses the connection after half of the echo.
    case cut
    /// Tells of an error inside a stream that began well: after half of the echo, or before it.
    case failInStream(afterText: Bool)
    /// A page for people.
    case page
    /// A good answer without a word in it.
    case empty
    /// Answers with exactly these bytes.
    case raw(contentType: String, String)
    /// Refuses requests that have the field, like an older server.
    case refuse(field: String)

    /// Reads `fake:KIND [ARGUMENT]` at the start of a message, or after a label in brackets.
    ///
    /// Kinds: `hang`, `stall`, `slow SECONDS`, `truncate`, `cut`, `fail`, `page`, `empty`, `status CODE`,
    /// `tool NAME ARGUMENTS`, `think TEXT`.
    public init?(directive message: String) {
        guard let marker = message.firstRange(of: "fake:") else { return nil }
        let words = message[marker.upperBound...].split(separator: " ", maxSplits: 1)
        let argument = words.count > 1 ? String(words[1]) : ""
        switch words.first {
        case "hang": self = .hang
        case "stall": self = .stall
        case "truncate": self = .truncate
        case "cut": self = .cut
        case "fail": self = .failInStream(afterText: true)
        case "page": self = .page
        case "empty": self = .empty
        case "think": self = .think(argument, thenSay: "echo: \(message)")
        case "slow": self = .slow(.seconds(Double(argument) ?? 1))
        case "status": self = .status(Int(argument) ?? 500)
        case "tool":
            let parts = argument.split(separator: " ", maxSplits: 1).map(String.init)
            let arguments = parts.count > 1 ? parts[1] : "{}"
            self = .callTools([ToolCall(id: "call_1", name: parts.first ?? "tool", arguments: arguments)])
        default: return nil
        }
    }

    /// Reads a control request: `{"kind": "status", "code": 429, "body": "…", "retry_after": 3}`.
    public init?(_ control: JSONDocument) {
        let seconds = control["retry_after"]?.scalarText
        let headers: HTTPHeaders = seconds.map { ["Retry-After": $0] } ?? [:]
        let body = control["body"]?.string ?? ""
        switch control["kind"]?.string {
        case "rate_limit": self = .status(429, body: body, headers: headers)
        case "unauthorized": self = .status(401, body: body)
        case "status": self = .status(control["code"]?.int ?? 500, body: body, headers: headers)
        case "hang": self = .hang
        case "stall": self = .stall
        case "slow": self = .slow(.seconds(control["seconds"]?.double ?? 1))
        case "truncate": self = .truncate
        case "reset": self = .cut
        case "stream_error": self = .failInStream(afterText: control["after_text"]?.bool ?? true)
        case "page": self = .page
        case "empty": self = .empty
        case "say": self = .say(control["text"]?.string ?? "")
        case "refuse": self = .refuse(field: control["field"]?.string ?? "stream_options")
        case "tool_calls":
            let calls = (control["calls"]?.elements ?? []).enumerated().map { index, call in
                ToolCall(
                    id: call["id"]?.string ?? "call_\(index + 1)", name: call["name"]?.string ?? "tool",
                    arguments: call["arguments"]?.value.text() ?? "{}")
            }
            self = .callTools(calls)
        default: return nil
        }
    }

    func applies(to body: JSONValue) -> Bool {
        if case .refuse(let field) = self { body[field] != nil } else { true }
    }
}
