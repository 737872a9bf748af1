import PraisonCore

/// What Chat Completions and Responses have in common: contents, tools and the numbers beside them.
enum OpenAIContent {
    static let maximumTools = 128
    static let maximumMessages = 4096

    /// The text of a message's content: a string, null, or a list of parts. What these agents can't take is refused.
    static func text(of content: JSONDocument?, _ param: String) throws(APIRefusal) -> String {
        guard let content, !content.isNull else { return "" }
        if let text = content.string { return text }
        guard content.kind == .array else {
            throw .invalid("content must be a string or a list of parts", param: param)
        }
        var texts: [String] = []
        for (index, part) in content.elements.enumerated() {
            let place = "\(param)[\(index)]"
            let type = part["type"]?.string ?? ""
            guard ["text", "input_text", "output_text", "refusal"].contains(type) else {
                throw .invalid(
                    "content of type \(JSONValue.string(String(type.prefix(50))).text()) is not taken here; send text",
                    param: place, code: "unsupported_content")
            }
            guard let text = (part["text"] ?? part["refusal"])?.string else {
                throw .invalid("text is missing", param: place)
            }
            texts.append(text)
        }
        return texts.joined(separator: "\n")
    }

    /// The tools of a request, narrowed by its tool choice.
    ///
    /// - Parameter isNested: whether a tool is in an object `function`, as in Chat Completions.
    static func tools(
        _ body: JSONDocument, isNested: Bool
    ) throws(APIRefusal) -> (tools: [ModelRequest.Tool], choice: ModelRequest.ToolChoice) {
        let written = body["tools"]?.elements ?? []
        guard written.count <= maximumTools else {
            throw .invalid("\(written.count) tools; \(maximumTools) are taken", param: "tools")
        }
        var tools: [ModelRequest.Tool] = []
        for (index, tool) in written.enumerated() {
            tools.append(try self.tool(tool, isNested: isNested, "tools[\(index)]"))
        }
        guard let choice = body["tool_choice"], !choice.isNull else { return (tools, .automatic) }
        switch choice.string {
        case "auto"?: return (tools, .automatic)
        case "none"?: return (tools, .none)
        case "required"?: return (tools, .required)
        default:
            let name = (isNested ? choice["function"]?["name"] : choice["name"])?.string
            guard let name, let tool = tools.first(where: { $0.name == name }) else {
                throw .invalid(
                    "tool_choice must be auto, none, required, or name one of the tools", param: "tool_choice")
            }
            return ([tool], .required)
        }
    }

    private static func tool(
        _ tool: JSONDocument, isNested: Bool, _ param: String
    ) throws(APIRefusal) -> ModelRequest.Tool {
        guard tool["type"]?.string == "function" else {
            throw .invalid(
                "only tools of type function are taken; the agent has its own besides", param: "\(param).type",
                code: "unsupported_tool")
        }
        let function = isNested ? tool["function"] : tool
        guard let name = function?["name"]?.string, (1...64).contains(name.utf8.count),
            name.utf8.allSatisfy(isNameByte)
        else {
            throw .invalid("a tool's name is 1 to 64 letters, digits, _ and -", param: "\(param).name")
        }
        let parameters = function?["parameters"]
        guard parameters == nil || parameters?.isNull == true || parameters?.kind == .object else {
            throw .invalid("parameters must be a JSON schema", param: "\(param).parameters")
        }
        return ModelRequest.Tool(
            name: name, description: function?["description"]?.string ?? "",
            parameters: parameters.flatMap { $0.isNull ? nil : $0.value } ?? ["type": "object", "properties": [:]])
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    static func temperature(_ body: JSONDocument) throws(APIRefusal) -> Double? {
        guard let written = body["temperature"], !written.isNull else { return nil }
        guard let value = written.double, (0...2).contains(value) else {
            throw .invalid("temperature must be a number from 0 to 2", param: "temperature")
        }
        return value
    }

    static func count(_ body: JSONDocument, _ names: StaticString...) throws(APIRefusal) -> Int? {
        for name in names {
            guard let written = body[name], !written.isNull else { continue }
            guard let value = written.int, value > 0 else {
                throw .invalid("\(name) must be a whole number above 0", param: "\(name)")
            }
            return value
        }
        return nil
    }

    static func flag(_ body: JSONDocument?, _ name: StaticString, orElse fallback: Bool) throws(APIRefusal) -> Bool {
        guard let written = body?[name], !written.isNull else { return fallback }
        guard let value = written.bool else { throw .invalid("\(name) must be true or false", param: "\(name)") }
        return value
    }

    /// Refuses what would change the answer's form and is not done here.
    static func refuseUnsupported(_ body: JSONDocument) throws(APIRefusal) {
        if let count = body["n"], !count.isNull, count.int != 1 {
            throw .invalid("one answer is given; n must be 1", param: "n", code: "unsupported_parameter")
        }
        if body["logprobs"]?.bool == true {
            throw .invalid("log probabilities are not known", param: "logprobs", code: "unsupported_parameter")
        }
        let format = (body["response_format"] ?? body["text"]?["format"])?["type"]?.string ?? "text"
        guard format == "text" else {
            throw .invalid(
                "answers are text; \(format.prefix(50)) is not offered", param: "response_format",
                code: "unsupported_parameter")
        }
    }
}

extension APIRefusal {
    /// The error in OpenAI's words.
    var openAIJSON: JSONValue {
        let type =
            switch status {
            case 401, 403: "authentication_error"
            case 400, 404, 405, 413: "invalid_request_error"
            case 429: "rate_limit_error"
            default: "server_error"
            }
        return [
            "error": [
                "message": .string(message), "type": .string(type), "param": JSONValue(param), "code": .string(code),
            ]
        ]
    }

    var openAIResponse: HTTPResponse {
        var response = HTTPResponse.json(openAIJSON, status: status)
        if let retryAfter { response.headers["Retry-After"] = String(Int(retryAfter.inSeconds.rounded(.up))) }
        return response
    }
}
