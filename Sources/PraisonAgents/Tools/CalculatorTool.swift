import PraisonCore

/// Does sums exactly, which models do by heart and badly.
struct CalculatorTool: Tool {
    var definition: ModelRequest.Tool {
        ModelRequest.Tool(
            name: "calculator",
            description: "Works out a sum exactly: numbers, + - * / ^, parentheses and percent.",
            parameters: [
                "type": "object",
                "properties": ["expression": ["type": "string", "description": "such as (12.5 + 3) * 4"]],
                "required": ["expression"],
            ])
    }

    func run(_ arguments: JSONDocument, for turn: Turn) async throws -> String {
        guard let expression = arguments["expression"]?.scalarText else {
            throw ToolError("expression is missing; write it as a string")
        }
        return switch Arithmetic.answer(expression) {
        case .value(let value, isExact: true): value
        case .value(let value, isExact: false): "about \(value)"
        case .divisionByZero: throw ToolError("division by zero")
        case .tooLarge: throw ToolError("the numbers are too large: at most 38 digits")
        case .none: throw ToolError("not a sum: use numbers, + - * / ^ and parentheses only")
        }
    }
}
