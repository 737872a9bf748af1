import PraisonCore

/// A tool's schema as every provider takes it.
///
/// OpenAI and Anthropic refuse some keywords at the root of a schema, and with them every request that offers the tool;
/// deeper down they take them. OpenAI refuses a root without `properties` too. Tools of MCP servers have such roots all
/// the same.
///
/// Sources: https://github.com/anthropics/claude-code/issues/5973,
/// https://github.com/langchain-ai/langchain-mcp-adapters/issues/137
enum ToolSchema {
    static let refusedAtRoot: Set<String> = ["allOf", "anyOf", "enum", "not", "oneOf"]
    /// Bytes of what can't stay that the model is told.
    private static let maximumRules = 1024

    /// The schema with an object's plain root: the properties of what can't stay stand beside its own, so that the model
    /// knows their names.
    ///
    /// - Returns: beside it, what could not stay as JSON; `nil` where all could.
    static func plain(_ schema: JSONValue) -> (schema: JSONValue, rules: String?) {
        guard var root = schema.object else { return (["type": "object", "properties": [:]], nil) }
        if root["$ref"] != nil {
            // What the root refers to is the root.
            for (key, value) in resolved(schema, in: schema).object ?? [:] where root[key] == nil { root[key] = value }
            root["$ref"] = nil
        }
        root["type"] = "object"
        if root["properties"]?.object == nil { root["properties"] = [:] }
        let refused = root.filter { refusedAtRoot.contains($0.key) }
        guard !refused.isEmpty else { return (.object(root), nil) }
        for key in refused.keys { root[key] = nil }
        root["properties"] = .object(properties(of: refused, beside: root["properties"]?.object ?? [:], in: schema))
        return (.object(root), LogText.line(JSONValue.object(refused).text(), key: nil, limit: maximumRules))
    }

    /// A property that is not the same everywhere may be any of what it is somewhere.
    private static func properties(
        of refused: [String: JSONValue], beside own: [String: JSONValue], in root: JSONValue
    ) -> [String: JSONValue] {
        var found: [String: [JSONValue]] = [:]
        for key in ["allOf", "anyOf", "oneOf"] {
            for branch in refused[key]?.array ?? [] {
                let properties = resolved(branch, in: root)["properties"]?.object ?? [:]
                for (name, schema) in properties where own[name] == nil && found[name]?.contains(schema) != true {
                    found[name, default: []].append(schema)
                }
            }
        }
        return own.merging(found.mapValues { $0.count == 1 ? $0[0] : ["anyOf": .array($0)] }) { first, _ in first }
    }

    /// What `{"$ref": "#/$defs/NAME"}` stands for; anything else as it is.
    private static func resolved(_ schema: JSONValue, in root: JSONValue) -> JSONValue {
        let steps = schema["$ref"]?.string?.split(separator: "/") ?? []
        guard steps.count == 3, steps[0] == "#", steps[1] == "$defs" || steps[1] == "definitions" else { return schema }
        return root.object?[String(steps[1])]?.object?[String(steps[2])] ?? schema
    }
}

extension ModelRequest.Tool {
    /// The tool as every provider takes it; what its schema can't say there, its description does.
    var withPlainRoot: ModelRequest.Tool {
        let (schema, rules) = ToolSchema.plain(parameters)
        var tool = self
        tool.parameters = schema
        if let rules { tool.description += "\n\nThe arguments must also fit this JSON schema: \(rules)" }
        return tool
    }
}
