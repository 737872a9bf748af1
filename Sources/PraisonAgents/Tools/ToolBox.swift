import PraisonCore

/// The tools of one agent: those it always has, and those that servers lend at the moment.
struct ToolBox: Sendable {
    /// A server, and which of its tools the agent may use; `nil` for all.
    struct Loan: Sendable {
        var server: MCPServer
        var names: Set<String>?
    }

    /// A tool, and when it waits for somebody's word.
    struct Item: Sendable {
        var tool: any Tool
        var approval: ToolApproval
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
    func tools(for turn: Turn) async -> [String: Item] {
        var tools: [String: Item] = [:]
        for tool in fixed { add(tool, of: nil, access[tool.name], turn, to: &tools) }
        for loan in loans {
            for tool in await loan.server.tools where loan.names?.contains(tool.name) ?? true {
                let settings = loan.server.settings
                add(tool, of: settings.name, access[tool.name] ?? settings.access, turn, to: &tools)
            }
        }
        return tools
    }

    /// - Parameter server: which lends the tool; its name stands for all of them.
    private func add(
        _ tool: any Tool, of server: String?, _ access: ToolAccess?, _ turn: Turn, to tools: inout [String: Item]
    ) {
        func isNamed(in list: [String]) -> Bool { list.contains { $0 == tool.name || $0 == server } }
        guard tools[tool.name] == nil, turn.allowedTools.map(isNamed) ?? true, !isNamed(in: turn.deniedTools),
            access?.allows(turn) ?? true
        else { return }
        tools[tool.name] = Item(tool: tool, approval: access?.approval ?? ToolApproval())
    }
}
