import PraisonCore

/// Tells the time, which no model knows.
struct CurrentTimeTool: Tool {
    let clock: any GatewayClock

    var definition: ModelRequest.Tool {
        ModelRequest.Tool(
            name: "current_time", description: "The current date and time in UTC, with the day of the week.",
            parameters: ["type": "object", "properties": [:]])
    }

    func run(_ arguments: JSONDocument, for turn: Turn) async throws -> String {
        let days = Int((Double(clock.now.microseconds) / 86_400_000_000).rounded(.down))
        // 1970-01-01 was a Thursday.
        let names = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"]
        return "\(names[((days % 7) + 7) % 7]), \(clock.now.minuteText)"
    }
}
