import PraisonCore

extension Welcome {
    static let streamEvents = [
        "token_stream", "tool_call_stream", "reasoning_stream", "tool_result_stream", "retry_stream", "stream_error",
        "stream_end",
    ]
    static let gatewayEvents = ["connect", "disconnect", "heartbeat", "broadcast"]

    func helloOK(
        _ opened: SessionRegistry.Opened, _ greeting: ClientSession.Greeting, _ capabilities: Set<String>
    ) -> String {
        var events = ["message", "error", "message_abort"]
        if capabilities.contains("streaming") { events += Self.streamEvents }
        if capabilities.contains("events") { events += Self.gatewayEvents }
        return ServerFrame(
            "hello_ok",
            [
                "protocol": JSONValue(Self.protocolVersion),
                "features": [
                    "methods": ["message", "leave", "abort", "server_reply", "broadcast"],
                    "events": .array(events.map(JSONValue.string)),
                ],
                "policy": policy,
                "session_id": .string(opened.session.id),
                "resumed": .bool(opened.isResumed),
                "cursor": JSONValue(greeting.sequence),
                "sequence": JSONValue(greeting.sequence),
                "resync_required": greeting.needsResync ? true : nil,
                "resume_key": .optional(opened.resumeKey),
                "client_id": .string(client.id),
            ]
        ).text
    }

    func joined(
        _ opened: SessionRegistry.Opened, _ greeting: ClientSession.Greeting, isGap: Bool, _ health: JSONValue
    ) -> String {
        let version = JSONValue(Self.protocolVersion)
        return ServerFrame(
            "joined",
            [
                "session_id": .string(opened.session.id), "agent_id": .string(opened.session.agent.rawValue),
                "resumed": .bool(opened.isResumed), "cursor": JSONValue(greeting.sequence),
                "oldest_cursor": JSONValue(greeting.oldest), "resync_required": .bool(isGap),
                "sequence": JSONValue(greeting.sequence), "protocol_version": version, "server_min_version": version,
                "server_max_version": version, "presence": [], "health": health,
                "resume_key": .optional(opened.resumeKey),
            ]
        ).text
    }

    private var policy: JSONValue {
        let server = plane.rooms.server
        return [
            "max_payload": JSONValue(server.maxPayload), "max_buffered_bytes": JSONValue(server.maxBufferedBytes),
            "max_queued_frames": JSONValue(server.maxQueuedFrames),
            "heartbeat_ms": JSONValue(Int(server.heartbeatInterval.inSeconds * 1000)),
            // A message is text. Clients of the reference look for these before they attach anything.
            "max_attachment_bytes": 0, "max_attachments": 0, "chunk_bytes": 262_144,
        ]
    }
}

/// A conversation so far, for a client that can't be told frame by frame.
struct Snapshot {
    var session: ClientSession
    /// Oldest first.
    var messages: [ChatMessage]
    /// Messages that have no reply yet.
    var unanswered: [String]
    /// The last frame that is contained.
    var cursor: Int64

    var frame: ServerFrame {
        ServerFrame(
            "snapshot",
            [
                "state": [
                    "session_id": .string(session.id), "agent_id": .string(session.agent.rawValue), "state": [:],
                    "messages": .array(told), "event_cursor": JSONValue(cursor),
                ]
            ])
    }

    private var told: [JSONValue] {
        let waiting = unanswered.map { ChatMessage(.user, $0) }
        return (messages + waiting).enumerated().compactMap { json($0.offset, $0.element) }
    }

    private func json(_ place: Int, _ message: ChatMessage) -> JSONValue? {
        // What the agent said to its tools is nobody else's business.
        guard message.role == .user || message.role == .assistant, !message.text.isEmpty else { return nil }
        let isUser = message.role == .user
        return [
            "content": .string(message.text), "sender_id": isUser ? "user" : .string(session.agent.rawValue),
            "session_id": .string(session.id), "message_id": .string("\(session.id)/\(place)"),
            "timestamp": message.timestamp.map { JSONValue($0.seconds) } ?? .null,
            "metadata": place < messages.count ? ["role": .string(message.role.rawValue)] : ["pending": true],
        ]
    }
}
