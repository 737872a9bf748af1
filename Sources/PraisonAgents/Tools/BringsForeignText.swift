import PraisonCore

/// A tool whose results are other people's words. A model is shown them behind a fence.
protocol BringsForeignText: Tool {}

extension WebSearchTool: BringsForeignText {}
extension FetchTool: BringsForeignText {}
extension RequestTool: BringsForeignText {}
extension CommandTool: BringsForeignText {}
extension MCPTool: BringsForeignText {}
extension AskAgentTool: BringsForeignText {}

/// A tool that says something to people other than in the answer.
protocol SpeaksElsewhere: Tool {
    /// The argument that holds the words.
    static var words: String { get }
}

extension SendMessageTool: SpeaksElsewhere {
    static var words: String { "text" }
}
