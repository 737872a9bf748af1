import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite struct `a tool's schema` {
    private static func schema(_ text: String) throws -> JSONValue { try JSONDocument(parsing: text).value }

    private static func plain(_ text: String) throws -> ModelRequest.Tool {
        ModelRequest.Tool(name: "t", description: "Does it.", parameters: try schema(text)).withPlainRoot
    }

    @Test(arguments: ["allOf", "anyOf", "oneOf"])
    func `has no choice at its root when a model is told of it, whose description holds the rule`(
        _ keyword: String
    ) throws {
        let tool = try Self.plain(
            """
            {"type": "object", "properties": {"id": {"type": "string"}, "path": {"type": "string"}},
             "\(keyword)": [{"required": ["id"]}, {"required": ["path"]}], "additionalProperties": false}
            """)
        #expect(
            try tool.parameters
                == Self.schema(
                    """
                    {"type": "object", "properties": {"id": {"type": "string"}, "path": {"type": "string"}},
                     "additionalProperties": false}
                    """))
        #expect(
            tool.description == """
                Does it.

                The arguments must also fit this JSON schema: {"\(keyword)":[{"required":["id"]},{"required":["path"]}]}
                """)
    }

    @Test(arguments: [#""enum": [{"a": 1}, {"a": 2}]"#, #""not": {"required": ["a"]}"#])
    func `has nothing else there that OpenAI refuses`(_ rule: String) throws {
        let tool = try Self.plain(#"{"type": "object", "properties": {"a": {}}, \#(rule)}"#)
        #expect(try tool.parameters == Self.schema(#"{"type": "object", "properties": {"a": {}}}"#))
        #expect(tool.description.contains(rule.prefix(6)))
    }

    /// As zod writes a union, and pydantic one of two classes.
    @Test func `keeps the names of the properties that are only in its branches`() throws {
        let tool = try Self.plain(
            """
            {"$defs": {"ByID": {"type": "object", "properties": {"id": {"type": "string"}, "kind": {"const": "a"}}}},
             "anyOf": [{"$ref": "#/$defs/ByID"},
                       {"type": "object", "properties": {"name": {"type": "string"}, "kind": {"const": "b"}}}]}
            """)
        #expect(
            try tool.parameters["properties"]
                == Self.schema(
                    """
                    {"id": {"type": "string"}, "name": {"type": "string"}, "kind": {"anyOf": [{"const": "a"}, {"const": "b"}]}}
                    """))
        #expect(tool.parameters["type"] == "object" && tool.parameters["anyOf"] == nil)
    }

    @Test func `is what its root refers to`() throws {
        let definitions =
            #""definitions": {"T": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}}"#
        let tool = try Self.plain(##"{"$ref": "#/definitions/T", \##(definitions)}"##)
        #expect(
            try tool.parameters
                == Self.schema(
                    #"{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], \#(definitions)}"#)
        )
        #expect(tool.description == "Does it.")
    }

    /// OpenAI refuses `{"type": "object"}`, as MCP servers write it for tools without arguments.
    @Test(arguments: ["{}", #"{"type": "object"}"#, #"{"type": "object", "properties": null}"#, "[]", "true"])
    func `always has properties`(_ text: String) throws {
        #expect(try Self.plain(text).parameters == ["type": "object", "properties": [:]])
    }

    @Test func `with a rule of any length leaves a description of some`() throws {
        let names = (0..<500).map { #"{"required": ["argument_\#($0)"]}"# }.joined(separator: ",")
        let tool = try Self.plain(#"{"type": "object", "oneOf": [\#(names)]}"#)
        #expect(tool.description.utf8.count < 1200)
        #expect(tool.description.hasSuffix("…"))
    }

    @Test func `that needs nothing is sent as it is`() throws {
        let text = #"{"type": "object", "properties": {"a": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}"#
        let tool = try Self.plain(text)
        #expect(try tool.parameters == Self.schema(text))
        #expect(tool.description == "Does it.")
    }

    @Test(arguments: ModelFixture.Wire.allCases)
    func `is plain in every protocol`(_ wire: ModelFixture.Wire) async throws {
        let server = ScriptedServer([wire.goodAnswer.response])
        var request = ModelRequest.make()
        request.tools = [
            ModelRequest.Tool(
                name: "t", description: "Does it.",
                parameters: try Self.schema(
                    #"{"type": "object", "properties": {"a": {}}, "anyOf": [{"required": ["a"]}]}"#))
        ]
        _ = try await WireProvider.make(server, wire: wire.value).complete(request) { _ in }
        let sent = String(decoding: try #require(server.seen.first).body, as: UTF8.self)
        #expect(sent.contains(#"{"properties":{"a":{}},"type":"object"}"#))
        #expect(sent.contains(#"{\"anyOf\":[{\"required\":[\"a\"]}]}"#))
    }
}
