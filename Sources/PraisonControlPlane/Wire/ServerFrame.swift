import PraisonCore

/// One frame on its way to a client: a JSON object whose members keep the order they were given in.
struct ServerFrame: Sendable {
    let type: String
    /// The object without its closing brace.
    private let open: String

    /// - Parameter members: those that are `nil` are left out; an explicit null is ``JSONValue/null``.
    init(_ type: String, _ members: KeyValuePairs<String, JSONValue?> = [:]) {
        self.type = type
        var text = "{\"type\":" + JSONValue.string(type).text()
        for (name, value) in members {
            guard let value else { continue }
            text += ",\"" + name + "\":" + value.text()
        }
        open = text
    }

    var text: String { open + "}" }

    /// The frame with its number. `cursor` and `seq` are the same; the reference's clients read either.
    func text(numbered sequence: Int64) -> String {
        "\(open),\"cursor\":\(sequence),\"seq\":\(sequence)}"
    }

    /// A frame of the past, sent again to a client that may not have it.
    ///
    /// - Parameter isJoined: the client came by `join`, whose replays carry the number outside as well.
    static func replay(_ frame: SessionFrame, isJoined: Bool) -> String {
        let target = JSONValue(frame.target).text()
        let event =
            "{\"type\":\(JSONValue.string(frame.type).text()),\"data\":\(frame.text),"
            + "\"event_id\":\(JSONValue.string(frame.eventID).text()),"
            + "\"timestamp\":\(JSONValue(frame.timestamp.seconds).text()),\"source\":\"gateway\","
            + "\"target\":\(target),\"sequence\":\(frame.sequence)}"
        return "{\"type\":\"replay\",\"event\":\(event)" + (isJoined ? ",\"seq\":\(frame.sequence)}" : "}")
    }
}

extension ServerFrame {
    static let ping = ServerFrame("ping").text
    static let pong = ServerFrame("pong").text

    static func error(_ message: String, code: String? = nil, _ more: [(String, JSONValue)] = []) -> ServerFrame {
        // The order is the reference's: code, message, then what belongs to the code.
        var frame = ServerFrame("error", ["code": JSONValue.optional(code), "message": .string(message)])
        for (name, value) in more { frame = frame.adding(name, value) }
        return frame
    }

    func adding(_ name: String, _ value: JSONValue) -> ServerFrame {
        ServerFrame(type: type, open: open + ",\"\(name)\":\(value.text())")
    }

    /// The frame with the client's own name for what it answers, where there is one.
    func answering(_ requestID: String?) -> ServerFrame {
        requestID.map { adding("request_id", .string($0)) } ?? self
    }

    private init(type: String, open: String) {
        self.type = type
        self.open = open
    }

    /// - Parameter ignored: members of the message that nobody looks at.
    static func accepted(
        isQueued: Bool, session: String, requestID: String?, ignored: [String] = []
    ) -> ServerFrame {
        ServerFrame(
            "response",
            [
                "status": "accepted", "content": isQueued ? "Message queued." : "Started processing.",
                "session_id": .string(session), "request_id": .optional(requestID),
                "ignored": ignored.isEmpty ? nil : .array(ignored.map(JSONValue.string)),
            ])
    }

    /// - Parameter outcome: how the message ended, where it has.
    static func duplicate(outcome: JSONValue? = nil, session: String, requestID: String?) -> ServerFrame {
        ServerFrame(
            "response",
            [
                "status": "duplicate", "outcome": outcome, "session_id": .string(session),
                "request_id": .optional(requestID),
            ])
    }

    static func final(_ content: String, outcome: JSONValue, session: String, requestID: String?) -> ServerFrame {
        ServerFrame(
            "response",
            [
                "status": "final", "content": .string(content), "outcome": outcome, "session_id": .string(session),
                "request_id": .optional(requestID),
            ])
    }

    static func status(source: String, message: String) -> ServerFrame {
        ServerFrame("status", ["source": .string(source), "message": .string(message)])
    }

    /// - Parameter names: what clients call the messages that end with it.
    static func aborted(
        _ stopped: StoppedTurns, scope: ClientFrame.AbortScope, session: String, names: [String], requestID: String?
    ) -> ServerFrame {
        let isAnything = stopped.turnAborted || stopped.pendingCancelled > 0
        return ServerFrame(
            isAnything ? "aborted" : "no_active_turn",
            [
                "session_id": .string(session), "scope": .string(scope.rawValue),
                "turn_aborted": .bool(stopped.turnAborted), "pending_cancelled": JSONValue(stopped.pendingCancelled),
                "request_ids": names.isEmpty ? nil : .array(names.map(JSONValue.string)),
                "request_id": .optional(requestID),
            ])
    }
}

extension JSONValue {
    /// `nil` stays `nil`, so that the member is left out.
    static func optional(_ text: String?) -> JSONValue? { text.map(JSONValue.string) }
}
