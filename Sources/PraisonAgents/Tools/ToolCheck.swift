public import PraisonCore

/// What can be said of a tool's schema before anybody uses it.
public enum ToolCheck {
    /// Keywords that forbid something, and are not looked at when a tool is called.
    ///
    /// Source: https://json-schema.org/draft/2020-12/json-schema-validation
    private static let unenforced: Set<String> = [
        "$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "multipleOf", "uniqueItems",
        "contains", "minContains", "maxContains", "minProperties", "maxProperties", "dependentRequired",
        "dependentSchemas", "patternProperties", "propertyNames", "prefixItems", "unevaluatedItems",
        "unevaluatedProperties", "format",
    ]

    /// - Returns: what of the schema of a tool's arguments is not, or can't be, enforced; nothing for tools that are not
    ///   the file's own.
    public static func problems(in settings: ToolSettings) -> [String] {
        if case .existing = settings.action { return [] }
        var keywords: Set<String> = []
        var patterns: [String] = []
        collect(settings.parameters, &keywords, &patterns, depth: 0)
        let unread = patterns.compactMap { pattern -> String? in
            do {
                _ = try LinearPattern(pattern)
                return nil
            } catch {
                return "the pattern \(pattern) can't be read, so nothing fits it: \(error)"
            }
        }
        let refused = ToolSchema.refusedAtRoot.intersection((settings.parameters.object ?? [:]).keys).sorted()
        var told = refused.map { keyword in
            "\(keyword): at the root of a schema models' providers refuse it, so the model is told in the description"
                + (unenforced.contains(keyword) ? "; it is not enforced" : "")
        }
        if !keywords.isEmpty {
            told.append("\(keywords.sorted().joined(separator: ", ")): the model is told, but it is not enforced")
        }
        return unread + told
    }

    private static func collect(
        _ schema: JSONValue, _ keywords: inout Set<String>, _ patterns: inout [String], depth: Int
    ) {
        guard depth < 16, let members = schema.object else { return }
        let isRoot = depth == 0
        keywords.formUnion(
            members.keys.filter { unenforced.contains($0) && !(isRoot && ToolSchema.refusedAtRoot.contains($0)) })
        if case .object? = members["additionalProperties"] { keywords.insert("additionalProperties") }
        if let pattern = members["pattern"]?.string { patterns.append(pattern) }
        let inner = (members["properties"]?.object ?? [:]).sorted { $0.key < $1.key }.map(\.value)
        for schema in inner + [members["items"]].compactMap({ $0 }) {
            collect(schema, &keywords, &patterns, depth: depth + 1)
        }
    }
}
