/// What a program brings along that talks to an agent by a protocol made for language models: instructions and tools of
/// its own, and perhaps the conversation.
public struct CallerContext: Hashable, Sendable, Codable {
    /// What is to be answered: what a person said, or the results of tools that the caller has run.
    public var input: [ChatMessage]
    /// The conversation so far, oldest first, where the caller keeps it; nothing is remembered then. `nil` where the
    /// gateway does.
    public var history: [ChatMessage]?
    /// Said to the model after the agent's own instructions.
    public var instructions: String?
    /// Tools that the caller runs: a turn in which the model asks for one ends with ``Reply/toolCalls``.
    public var tools: [ModelRequest.Tool]
    public var toolChoice: ModelRequest.ToolChoice
    /// `nil` for the agent's own.
    public var temperature: Double?
    /// Tokens the answer may take; `nil` for the agent's own limit, which it can't exceed.
    public var maximumOutputTokens: Int?

    public init(
        input: [ChatMessage], history: [ChatMessage]? = nil, instructions: String? = nil,
        tools: [ModelRequest.Tool] = [], toolChoice: ModelRequest.ToolChoice = .automatic, temperature: Double? = nil,
        maximumOutputTokens: Int? = nil
    ) {
        self.input = input
        self.history = history
        self.instructions = instructions
        self.tools = tools
        self.toolChoice = toolChoice
        self.temperature = temperature
        self.maximumOutputTokens = maximumOutputTokens
    }
}
