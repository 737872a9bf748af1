import PraisonCore

/// The body of `POST /v1/responses`.
///
/// Source: https://platform.openai.com/docs/api-reference/responses/create
struct ResponseRequest: Sendable {
    var model: String?
    /// Without history: the gateway keeps the conversation of responses.
    var caller: CallerContext
    /// What the person said last.
    var text: String
    var streams: Bool
    /// Whether nobody waits for the answer: it is asked for later.
    var isBackground: Bool
    /// Whether the conversation may go on after this response.
    var isStored: Bool
    var previous: ResponseID?
    var user: String?
    /// The tools and the tool choice as they came, to be said back.
    var tools: JSONValue
    var toolChoice: JSONValue
    var metadata: JSONValue

    init(_ body: JSONDocument) throws(APIRefusal) {
        try OpenAIContent.refuseUnsupported(body)
        for name in ["conversation", "prompt"]
        where body.members.contains(where: { $0.name == name && !$0.value.isNull }) {
            throw .invalid(
                "\(name) is not offered; go on with previous_response_id", param: name, code: "unsupported_parameter")
        }
        isBackground = try OpenAIContent.flag(body, "background", orElse: false)
        model = body["model"]?.string
        let (tools, choice) = try OpenAIContent.tools(body, isNested: false)
        var (messages, instructions) = try Self.items(body["input"])
        if let written = body["instructions"]?.string { instructions.insert(written, at: 0) }
        guard let last = messages.last, last.role != .assistant else {
            throw .invalid("input must end with something to answer: text or a tool's output", param: "input")
        }
        isStored = try OpenAIContent.flag(body, "store", orElse: true)
        previous = try Self.previous(body["previous_response_id"])
        caller = CallerContext(
            input: messages, instructions: instructions.isEmpty ? nil : instructions.joined(separator: "\n\n"),
            tools: tools, toolChoice: choice, temperature: try OpenAIContent.temperature(body),
            maximumOutputTokens: try OpenAIContent.count(body, "max_output_tokens"))
        if !isStored, previous == nil { caller.history = [] }
        text = messages.last { $0.role == .user }?.text ?? ""
        streams = try OpenAIContent.flag(body, "stream", orElse: false)
        if isBackground {
            guard isStored else {
                throw .invalid("a response in the background is asked for later: it needs store", param: "store")
            }
            guard !streams else {
                throw .invalid("a response is streamed, or runs in the background; not both", param: "background")
            }
        }
        user = body["user"]?.string.map { String($0.prefix(256)) }
        self.tools = body["tools"]?.value ?? []
        toolChoice = body["tool_choice"].flatMap { $0.isNull ? nil : $0.value } ?? "auto"
        metadata = body["metadata"].flatMap { $0.isNull ? nil : $0.value } ?? [:]
    }

    private static func previous(_ written: JSONDocument?) throws(APIRefusal) -> ResponseID? {
        guard let written, !written.isNull else { return nil }
        guard let id = written.string.flatMap(ResponseID.init) else { throw .previousNotFound(written) }
        return id
    }

    private static func items(
        _ input: JSONDocument?
    ) throws(APIRefusal) -> (messages: [ChatMessage], instructions: [String]) {
        if let text = input?.string { return ([ChatMessage(.user, text)], []) }
        guard let input, input.kind == .array, !input.elements.isEmpty else {
            throw .invalid("input must be text, or a list of at least one item", param: "input")
        }
        guard input.elements.count <= OpenAIContent.maximumMessages else {
            throw .invalid("more than \(OpenAIContent.maximumMessages) items", param: "input")
        }
        var messages: [ChatMessage] = []
        var instructions: [String] = []
        for (index, item) in input.elements.enumerated() {
            let place = "input[\(index)]"
            switch item["type"]?.string ?? "message" {
            case "message":
                let text = try OpenAIContent.text(of: item["content"], "\(place).content")
                switch item["role"]?.string {
                case "system"?, "developer"?: instructions.append(text)
                case "user"?: messages.append(ChatMessage(.user, text))
                case "assistant"?: messages.append(ChatMessage(.assistant, text))
                default:
                    throw .invalid("role must be user, assistant, system or developer", param: "\(place).role")
                }
            case "function_call":
                guard let id = item["call_id"]?.string, let name = item["name"]?.string else {
                    throw .invalid("a function_call needs call_id and name", param: place)
                }
                let call = ToolCall(id: id, name: name, arguments: item["arguments"]?.string ?? "{}")
                // Calls made together are one message.
                if let last = messages.last, last.role == .assistant, !last.toolCalls.isEmpty {
                    messages[messages.count - 1].toolCalls.append(call)
                } else {
                    messages.append(ChatMessage(.assistant, "", toolCalls: [call]))
                }
            case "function_call_output":
                guard let id = item["call_id"]?.string else {
                    throw .invalid("a function_call_output needs call_id", param: place)
                }
                let text = try OpenAIContent.text(of: item["output"], "\(place).output")
                messages.append(ChatMessage(.tool, text, toolCallID: id))
            // Thoughts that some other model had.
            case "reasoning": continue
            case let type:
                throw .invalid(
                    "items of type \(type.prefix(50)) are not taken; there are: message, function_call, "
                        + "function_call_output", param: "\(place).type", code: "unsupported_item")
            }
        }
        return (messages, instructions)
    }
}

/// A response's name: its conversation's, which the next one goes on with, and its own.
struct ResponseID: Hashable, Sendable {
    var session: String
    var own: String

    init(session: String, own: String) {
        self.session = session
        self.own = own
    }

    /// `resp_`, and twice 32 hexadecimal digits.
    init?(_ text: String) {
        guard text.hasPrefix("resp_") else { return nil }
        let digits = text.utf8.dropFirst(5)
        guard digits.count == 64,
            digits.allSatisfy({
                ("0"..."9").contains(Character(Unicode.Scalar($0)))
                    || ("a"..."f").contains(Character(Unicode.Scalar($0)))
            })
        else { return nil }
        session = String(decoding: digits.prefix(32), as: UTF8.self)
        own = String(decoding: digits.suffix(32), as: UTF8.self)
    }

    var text: String { "resp_\(session)\(own)" }
}

extension APIRefusal {
    static func previousNotFound(_ written: JSONDocument) -> APIRefusal {
        .invalid(
            "Previous response with id \(String((written.scalarText ?? "?").prefix(100))) not found. It may have been "
                + "answered by another agent or for another token, or not been stored.",
            param: "previous_response_id", code: "previous_response_not_found")
    }
}
