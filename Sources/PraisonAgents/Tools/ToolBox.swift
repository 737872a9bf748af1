import PraisonCore

/// The tools of one agent: those it always has, and those that servers lend at the moment.
struct ToolBox: Sendable {
    /// A server, and which of its tools the agent may use; `nil` for all.
    struct Loan: Sendable {
        var server: MCPServer
        var names: Set<String>?
    }

    private let fixed: [any Tool]
    private let loans: [Loan]
    /// Whose turns may use what; a tool that is not here works for everybody.
    private let access: [String: ToolAccess]

    init(_ fixed: [any Tool], loans: [Loan] = [], access: [String: ToolAccess] = [:]) {
        self.fixed = fixed
        self.loans = loans
        self.access = access
    }

    /// What may be used in this turn, by name. Where two are called the same, the first counts.
    func tools(for turn: Turn) async -> [String: any Tool] {
        var tools: [String: any Tool] = [:]
        for tool in fixed where mayUse(tool.name, access[tool.name], turn) && tools[tool.name] == nil {
            tools[tool.name] = tool
        }
        for loan in loans {
            for tool in await loan.server.tools where loan.names?.contains(tool.name) ?? true {
                let access = access[tool.name] ?? loan.server.settings.access
                if mayUse(tool.name, access, turn), tools[tool.name] == nil { tools[tool.name] = tool }
            }
        }
        return tools
    }

    private func mayUse(_ name: String, _ access: ToolAccess?, _ turn: Turn) -> Bool {
        !turn.deniedTools.contains(name) && turn.allowedTools?.contains(name) ?? true && access?.allows(turn) ?? true
    }
}
