import PraisonCore

extension ServerFrame {
    /// A part of a reply while it grows: `token_stream` and its relatives.
    static func stream(
        _ part: ReplyPart, session: String, agent: AgentName, target: String?, eventID: String, at now: Timestamp
    ) -> ServerFrame {
        let session = JSONValue.string(session)
        let (type, data): (String, JSONValue) =
            switch part {
            case .text(let text): ("token_stream", ["content": .string(text), "session_id": session])
            case .reasoning(let text): ("reasoning_stream", ["content": .string(text), "session_id": session])
            case .toolCall(let call):
                (
                    "tool_call_stream",
                    [
                        "tool_call": [
                            "id": .string(call.id), "name": .string(call.name), "arguments": .string(call.arguments),
                        ], "session_id": session,
                    ]
                )
            case .toolResult(let id, let text, let isError):
                (
                    "tool_result_stream",
                    [
                        "tool_call": ["id": .string(id), "result": .string(text)],
                        "metadata": ["is_error": .bool(isError)], "session_id": session,
                    ]
                )
            }
        return relayed(type, data, agent, target, eventID, now)
    }

    static func streamEnd(
        session: String, agent: String, target: String?, eventID: String, at now: Timestamp
    ) -> ServerFrame {
        relayed("stream_end", ["session_id": .string(session)], AgentName(agent), target, eventID, now)
    }

    static func streamError(
        _ message: String, session: String, agent: String, target: String?, eventID: String, at now: Timestamp
    ) -> ServerFrame {
        relayed(
            "stream_error", ["error": .string(message), "session_id": .string(session)], AgentName(agent), target,
            eventID, now)
    }

    static let streamRestart = "retry_stream"

    /// What was streamed of the reply under way is void: it is told from the beginning.
    static func streamRestart(
        reason: String, session: String, agent: AgentName, eventID: String, at now: Timestamp
    ) -> ServerFrame {
        relayed(
            streamRestart, ["metadata": ["reason": .string(reason)], "session_id": .string(session)], agent, nil,
            eventID, now)
    }

    private static func relayed(
        _ type: String, _ data: JSONValue, _ agent: AgentName, _ target: String?, _ eventID: String, _ now: Timestamp
    ) -> ServerFrame {
        ServerFrame(
            type,
            [
                "data": data, "event_id": .string(eventID), "timestamp": JSONValue(now.seconds),
                "source": .string(agent.rawValue), "target": JSONValue(target),
            ])
    }
}
