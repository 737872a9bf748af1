import PraisonCore

/// Holds a call's arguments against the part of JSON Schema that tools are written in: `type`, `properties`, `required`,
/// `enum`, `items`, `minimum`, `maximum`, `maxLength`, `additionalProperties: false`. What it does not know it lets pass.
///
/// Source: https://json-schema.org/draft/2020-12/json-schema-validation
enum ArgumentCheck {
    /// - Throws: ``ToolError`` that says where and what, for the model.
    static func check(_ arguments: JSONDocument, against schema: JSONValue) throws {
        try check(arguments, schema, at: "", depth: 0)
    }

    private static func check(_ value: JSONDocument, _ schema: JSONValue, at path: String, depth: Int) throws {
        guard depth < 16, schema.object != nil else { return }
        let name = path.isEmpty ? "the arguments" : path
        let types = schema["type"]?.array?.compactMap(\.string) ?? schema["type"]?.string.map { [$0] } ?? []
        guard types.isEmpty || types.contains(where: { isType($0, value) }) else {
            throw ToolError("\(name) must be \(types.joined(separator: " or "))")
        }
        if let allowed = schema["enum"]?.array, !allowed.contains(value.value) {
            throw ToolError("\(name) must be one of \(allowed.map { $0.text() }.joined(separator: ", "))")
        }
        if value.kind == .object { try checkMembers(of: value, schema, at: path, depth) }
        if value.kind == .array, let items = schema["items"] {
            for (index, element) in value.elements.enumerated() {
                try check(element, items, at: "\(path)[\(index)]", depth: depth + 1)
            }
        }
        if let text = value.string, let limit = schema["maxLength"]?.int, text.unicodeScalars.count > limit {
            throw ToolError("\(name) must have at most \(limit) characters")
        }
        if value.kind == .number, let number = value.value.double {
            if let least = schema["minimum"]?.double, number < least {
                throw ToolError("\(name) must be at least \(schema["minimum"]?.text() ?? "")")
            }
            if let most = schema["maximum"]?.double, number > most {
                throw ToolError("\(name) must be at most \(schema["maximum"]?.text() ?? "")")
            }
        }
    }

    private static func checkMembers(of value: JSONDocument, _ schema: JSONValue, at path: String, _ depth: Int) throws
    {
        let prefix = path.isEmpty ? "" : "\(path)."
        for name in schema["required"]?.array?.compactMap(\.string) ?? [] where value[dynamic: name] == nil {
            throw ToolError("\(prefix)\(name) is missing")
        }
        let properties = schema["properties"]?.object ?? [:]
        for member in value.members {
            if let inner = properties[member.name] {
                if member.value.kind == .null, schema["required"]?.array?.contains(.string(member.name)) != true {
                    continue
                }
                try check(member.value, inner, at: prefix + member.name, depth: depth + 1)
            } else if schema["additionalProperties"] == .bool(false) {
                let known = properties.keys.sorted().joined(separator: ", ")
                throw ToolError("there is no \(prefix)\(member.name.prefix(64)); there is \(known)")
            }
        }
    }

    private static func isType(_ type: String, _ value: JSONDocument) -> Bool {
        switch (type, value.kind) {
        case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool), ("null", .null),
            ("number", .number):
            true
        case ("integer", .number): value.value.double.map { $0.rounded() == $0 } ?? false
        case ("object", _), ("array", _), ("string", _), ("boolean", _), ("null", _), ("number", _), ("integer", _):
            false
        default: true
        }
    }
}
