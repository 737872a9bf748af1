import PraisonCore

/// Holds a call's arguments against the part of JSON Schema that tools are written in: `type`, `properties`, `required`,
/// `additionalProperties: false`, `enum`, `const`, `items`, the limits of numbers, texts and lists, and `pattern`. What it
/// does not know it lets pass; ``ToolCheck`` tells of that.
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
        if let allowed = schema["enum"]?.array, !allowed.contains(where: { isSame($0, value) }) {
            throw ToolError("\(name) must be one of \(allowed.map { $0.text() }.joined(separator: ", "))")
        }
        if let only = schema["const"], !isSame(only, value) { throw ToolError("\(name) must be \(only.text())") }
        if value.kind == .object { try checkMembers(of: value, schema, at: path, depth) }
        if value.kind == .array { try checkElements(of: value, schema, at: path, depth) }
        if let text = value.string { try checkText(text, schema, name) }
        if value.kind == .number, let number = value.value.double { try checkNumber(number, schema, name) }
    }

    /// Numbers are the same however they are written.
    private static func isSame(_ written: JSONValue, _ value: JSONDocument) -> Bool {
        if let number = written.double, value.kind == .number { return number == value.double }
        return written == value.value
    }

    private static func checkText(_ text: String, _ schema: JSONValue, _ name: String) throws {
        let count = text.unicodeScalars.count
        if let most = schema["maxLength"]?.int, count > most {
            throw ToolError("\(name) must have at most \(most) characters")
        }
        if let least = schema["minLength"]?.int, count < least {
            throw ToolError("\(name) must have at least \(least) characters")
        }
        guard let pattern = schema["pattern"]?.string else { return }
        // One that can't be read is told of when the file is checked; until then nothing fits it.
        guard (try? LinearPattern(pattern).matches(text)) == true else {
            throw ToolError("\(name) must match \(pattern)")
        }
    }

    private static func checkNumber(_ number: Double, _ schema: JSONValue, _ name: String) throws {
        let limits: [(key: String, words: String, holds: (Double, Double) -> Bool)] = [
            ("minimum", "at least", { $0 >= $1 }), ("maximum", "at most", { $0 <= $1 }),
            ("exclusiveMinimum", "more than", { $0 > $1 }), ("exclusiveMaximum", "less than", { $0 < $1 }),
        ]
        for limit in limits {
            guard let bound = schema[limit.key], let value = bound.double, !limit.holds(number, value) else { continue }
            throw ToolError("\(name) must be \(limit.words) \(bound.text())")
        }
    }

    private static func checkElements(
        of value: JSONDocument, _ schema: JSONValue, at path: String, _ depth: Int
    ) throws {
        let (name, elements) = (path.isEmpty ? "the arguments" : path, value.elements)
        if let most = schema["maxItems"]?.int, elements.count > most {
            throw ToolError("\(name) must have at most \(most) elements")
        }
        if let least = schema["minItems"]?.int, elements.count < least {
            throw ToolError("\(name) must have at least \(least) elements")
        }
        guard let items = schema["items"] else { return }
        for (index, element) in elements.enumerated() {
            try check(element, items, at: "\(path)[\(index)]", depth: depth + 1)
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
