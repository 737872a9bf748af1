import PraisonCore

/// The tools agents can be given, by name.
struct ToolShelf: Sendable {
    private let byName: [String: any Tool]

    init(http: any HTTPClient, clock: any GatewayClock, services: ToolServices) {
        let tools: [any Tool] = [
            CurrentTimeTool(clock: clock), CalculatorTool(), WeatherTool(http: http, services: services),
            WebSearchTool(http: http, services: services),
        ]
        byName = Dictionary(tools.map { ($0.name, $0) }) { first, _ in first }
    }

    /// Those of `names` that there are, in their order.
    func tools(_ names: [String]) -> [any Tool] { names.compactMap { byName[$0] } }

    /// Those of `names` that there are not.
    func unknown(_ names: [String]) -> [String] { names.filter { byName[$0] == nil } }
}
