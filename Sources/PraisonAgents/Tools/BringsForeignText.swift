import PraisonCore

/// A tool whose results are other people's words. A model is shown them behind a fence.
protocol BringsForeignText: Tool {}

extension WebSearchTool: BringsForeignText {}
extension FetchTool: BringsForeignText {}
extension RequestTool: BringsForeignText {}
extension CommandTool: BringsForeignText {}
extension MCPTool: BringsForeignText {}
extension AskAgentTool: BringsForeignText {}
