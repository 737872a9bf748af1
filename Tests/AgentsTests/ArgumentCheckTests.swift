import PraisonCore
import Testing

@testable import PraisonAgents

@Suite struct `a call's arguments` {
    private static func problem(_ schema: String, _ value: String) throws -> String? {
        let arguments = try JSONDocument(parsing: "{\"x\": \(value)}")
        let properties = try JSONDocument(parsing: "{\"x\": \(schema)}").value
        do {
            try ArgumentCheck.check(arguments, against: ["type": "object", "properties": properties])
            return nil
        } catch let error as ToolError {
            return error.description
        }
    }

    @Test(
        arguments: [
            (#"{"pattern": "^[A-Z]{2}\\d+$"}"#, #""AB12""#, nil),
            (#"{"pattern": "^[A-Z]{2}\\d+$"}"#, #""; rm""#, #"x must match ^[A-Z]{2}\d+$"#),
            (#"{"pattern": "("}"#, #""a""#, "x must match ("),
            (#"{"minLength": 2}"#, #""a""#, "x must have at least 2 characters"), (#"{"minLength": 2}"#, #""ab""#, nil),
            (#"{"maxLength": 2}"#, #""abc""#, "x must have at most 2 characters"), (#"{"maxLength": 2}"#, "1234", nil),
            (#"{"minItems": 1}"#, "[]", "x must have at least 1 elements"), (#"{"minItems": 1}"#, "[1]", nil),
            (#"{"maxItems": 1}"#, "[1, 2]", "x must have at most 1 elements"),
            (#"{"items": {"maximum": 3}}"#, "[1, 4]", "x[1] must be at most 3"),
            (#"{"const": "a"}"#, #""b""#, #"x must be "a""#), (#"{"const": 1}"#, "1.0", nil),
            (#"{"enum": [1, 2]}"#, "2.0", nil), (#"{"enum": [1, 2]}"#, "3", "x must be one of 1, 2"),
            (#"{"minimum": 0}"#, "0", nil), (#"{"minimum": 0}"#, "-1", "x must be at least 0"),
            (#"{"exclusiveMinimum": 0}"#, "0", "x must be more than 0"), (#"{"exclusiveMinimum": 0}"#, "0.1", nil),
            (#"{"exclusiveMaximum": 5}"#, "5", "x must be less than 5"), (#"{"exclusiveMaximum": 5}"#, "4", nil),
        ] as [(String, String, String?)])
    func `are held against their schema`(_ schema: String, _ value: String, _ problem: String?) throws {
        #expect(try Self.problem(schema, value) == problem)
    }

    @Test func `are not held against keywords of which the check of the file tells`() throws {
        var tool = ToolSettings(name: "t", description: "", action: .command(["x"]))
        tool.parameters = try JSONDocument(
            parsing: """
                {"type": "object", "properties": {
                    "a": {"type": "string", "format": "email", "pattern": "("},
                    "b": {"type": "array", "items": {"multipleOf": 2}, "description": "not"}
                }, "required": ["a"]}
                """
        ).value
        let problems = ToolCheck.problems(in: tool)
        #expect(problems.count == 2)
        #expect(problems.first?.hasPrefix("the pattern ( can't be read") == true)
        #expect(problems.last == "format, multipleOf: the model is told, but it is not enforced")
        tool.parameters = ["type": "object", "properties": ["a": ["anyOf": []]], "anyOf": [], "enum": [[:]]]
        #expect(
            ToolCheck.problems(in: tool) == [
                "anyOf: at the root of a schema models' providers refuse it, so the model is told in the description; it is not enforced",
                "enum: at the root of a schema models' providers refuse it, so the model is told in the description",
                "anyOf: the model is told, but it is not enforced",
            ])
        tool.parameters = ["type": "object", "properties": ["a": ["type": "string", "minLength": 1]]]
        #expect(ToolCheck.problems(in: tool).isEmpty)
    }
}
