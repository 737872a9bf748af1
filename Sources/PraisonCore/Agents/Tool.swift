/// Something an agent may do besides talking. A language model asks for it by name, with arguments in JSON.
public protocol Tool: Sendable {
    /// What the model is told. Names are 1 to 64 of `A–Z a–z 0–9 _ -`.
    var definition: ModelRequest.Tool { get }

    /// How long one run may take.
    var timeLimit: Duration { get }

    /// Does it.
    ///
    /// - Parameter arguments: a JSON object; whether it fits the schema is for the tool to find out.
    /// - Returns: what the model reads.
    /// - Throws: ``ToolError`` with words for the model; anything else is told as a failure without details.
    func run(_ arguments: JSONDocument, for turn: Turn) async throws -> String
}

extension Tool {
    public var timeLimit: Duration { .seconds(30) }
    public var name: String { definition.name }
}

/// Why a tool could not do what it was asked, in words a model can act on. Holds no secret.
public struct ToolError: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String
    public init(_ description: String) { self.description = description }
}
