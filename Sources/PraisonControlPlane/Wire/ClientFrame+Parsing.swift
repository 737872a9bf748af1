import PraisonCore

extension ClientFrame {
    /// The longest name of a session, request or agent, in bytes.
    static let nameLimit = 256

    init(parsing text: String) throws(FrameRefusal) {
        let document: JSONDocument
        do {
            document = try JSONDocument(parsing: text, maximumDepth: 64)
        } catch {
            throw FrameRefusal(code: .invalidJSON, message: "\(error); send one JSON object per message")
        }
        guard document.kind == .object else {
            throw FrameRefusal(code: .invalidFrame, message: "expected a JSON object, as in {\"type\":\"ping\"}")
        }
        var type = "message"
        if let written = document["type"] {
            guard let word = written.string else {
                throw FrameRefusal(code: .invalidFrame, message: "type must be a string, as in {\"type\":\"ping\"}")
            }
            type = word
        }
        self = try Self.frame(type, document)
    }

    private static func frame(_ type: String, _ document: JSONDocument) throws(FrameRefusal) -> ClientFrame {
        switch type {
        case "ping": return .ping
        case "pong": return .pong
        case "leave": return .leave
        case "hello": return .hello(try hello(document))
        case "join": return .join(try join(document))
        case "message": return try message(document)
        case "abort", "message_abort":
            return .abort(try abortScope(document), requestID: try name("request_id", document, nil))
        case "server_reply": return try serverReply(document)
        case "broadcast": return try broadcast(document)
        case _ where agentFrameTypes.contains(type): return try agentFrame(type, document)
        default:
            throw FrameRefusal(
                code: .unknownType,
                message: "unknown frame type \(quoted(type)); this gateway knows hello, join, message, abort, "
                    + "server_reply, broadcast, ping, pong, leave and agent_register")
        }
    }

    // MARK: Coming in

    private static func hello(_ document: JSONDocument) throws(FrameRefusal) -> Hello {
        let nested = document["protocol"]
        let bounds = (document["protocol_min"] ?? nested?["min"], document["protocol_max"] ?? nested?["max"])
        for bound in [bounds.0, bounds.1] {
            guard let bound, whole(bound) == nil else { continue }
            throw FrameRefusal(
                code: .invalidFrame, message: "protocol_min and protocol_max must be whole numbers, as in 1",
                type: "hello")
        }
        guard let versions = versions(bounds.0, bounds.1) else {
            throw FrameRefusal(
                code: .invalidHello,
                message: "protocol_min must not be above protocol_max", type: "hello")
        }
        let capabilities = (document["capabilities"] ?? document["caps"])?.elements ?? []
        return Hello(
            agent: try name("agent_id", document, "hello"), versions: versions,
            capabilities: Set(capabilities.prefix(64).compactMap(\.string)),
            resume: try resume(document, "hello"), wantsSnapshot: document["snapshot"]?.bool ?? false)
    }

    private static func join(_ document: JSONDocument) throws(FrameRefusal) -> Join {
        let bounds = (document["min_version"], document["max_version"])
        for bound in [bounds.0, bounds.1] {
            guard let bound, whole(bound) == nil else { continue }
            throw FrameRefusal(
                code: .invalidHello,
                message: "Invalid protocol version fields. Expected integer min_version/max_version.", type: "join")
        }
        guard let versions = versions(bounds.0, bounds.1) else {
            let (low, high) = (bounds.0.flatMap(whole) ?? 1, bounds.1.flatMap(whole) ?? 1)
            throw FrameRefusal(
                code: .invalidHello,
                message: "Invalid version range: min_version (\(low)) > max_version (\(high))", type: "join")
        }
        return Join(
            agent: try name("agent_id", document, "join"), versions: versions, resume: try resume(document, "join"))
    }

    /// Both bounds are 1 when they are left out.
    private static func versions(_ low: JSONDocument?, _ high: JSONDocument?) -> ClosedRange<Int>? {
        guard let low = low == nil ? 1 : low.flatMap(whole), let high = high == nil ? max(low, 1) : high.flatMap(whole),
            low <= high
        else { return nil }
        return low...high
    }

    /// A whole number; one too large to be held is as large as can be.
    private static func whole(_ written: JSONDocument) -> Int? {
        if let number = written.int { return number }
        guard let number = written.double else { return nil }
        if let whole = Int(exactly: number) { return whole }
        return abs(number) >= 0x1p63 ? (number > 0 ? .max : .min) : nil
    }

    private static func resume(_ document: JSONDocument, _ type: String) throws(FrameRefusal) -> Resume {
        // Some clients say that they have none by an empty one.
        let session = document["session_id"]?.string?.isEmpty == true ? nil : try name("session_id", document, type)
        if let session, !session.utf8.allSatisfy(isSessionByte) {
            throw FrameRefusal(
                code: .invalidFrame, message: "session_id may hold letters, digits and . _ : - only", type: type)
        }
        var since: Int64?
        if let written = document["since"] {
            since = written.integer ?? written.string.flatMap { Int64($0) }
            if since == nil {
                throw FrameRefusal(message: "Invalid 'since' cursor. Must be an integer.", type: type)
            }
        }
        return Resume(sessionID: session, since: since, key: try name("resume_key", document, type))
    }

    private static func isSessionByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }

    // MARK: Talking

    private static func message(_ document: JSONDocument) throws(FrameRefusal) -> ClientFrame {
        // What is not text is said as JSON; null is nothing said.
        let content = document["content"].map { $0.string ?? String(decoding: $0.rawBytes, as: UTF8.self) } ?? ""
        let requestID = try name("request_id", document, nil)
        // The words are answered all the same, as the reference does; the client is told what was left out.
        let hasAttachments = document["attachments"].map { $0.kind != .array || !$0.elements.isEmpty } ?? false
        guard !content.allSatisfy(\.isWhitespace) else {
            throw FrameRefusal(
                code: .emptyMessage, message: "content is empty, so there is nothing to answer", requestID: requestID)
        }
        return switch StopWord(content) {
        case .turn: .abort(.turn, requestID: requestID)
        case .session: .abort(.session, requestID: requestID)
        case nil:
            .message(
                Message(content: content, requestID: requestID, ignored: hasAttachments ? ["attachments"] : []))
        }
    }

    private static func abortScope(_ document: JSONDocument) throws(FrameRefusal) -> AbortScope {
        guard let scope = document["scope"] else { return .turn }
        if let flag = scope.bool { return flag ? .session : .turn }
        if let word = scope.string.flatMap(AbortScope.init(rawValue:)) { return word }
        throw FrameRefusal(code: .invalidFrame, message: "scope must be turn or session")
    }

    private static func serverReply(_ document: JSONDocument) throws(FrameRefusal) -> ClientFrame {
        guard let id = document["request_id"]?.string, let value = document["value"]?.string else {
            throw FrameRefusal(
                message: "server_reply requires 'request_id' and string 'value'", type: "server_reply")
        }
        return .serverReply(requestID: id, value: value)
    }

    private static func broadcast(_ document: JSONDocument) throws(FrameRefusal) -> ClientFrame {
        guard let data = document["data"], data.kind == .object, let fields = data.value.object else {
            throw FrameRefusal(code: .invalidFrame, message: "broadcast needs data, an object")
        }
        return .broadcast(data: fields, target: try name("target", document, nil))
    }

    /// An optional member that names something: a string, or a number as it is written.
    private static func name(
        _ member: StaticString, _ document: JSONDocument, _ type: String?
    ) throws(FrameRefusal) -> String? {
        guard let written = document[member] else { return nil }
        guard let text = written.scalarText, !text.isEmpty, text.utf8.count <= nameLimit else {
            throw FrameRefusal(
                code: .invalidFrame, message: "\(member) must be a string of 1 to \(nameLimit) bytes", type: type)
        }
        return text
    }

    /// A word of the client's, short enough to be said back.
    private static func quoted(_ text: String) -> String {
        JSONValue.string(text.utf8.count > 64 ? String(text.prefix(64)) + "…" : text).text()
    }
}
