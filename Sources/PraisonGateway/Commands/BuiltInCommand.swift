public import PraisonCore

/// Orders the gateway itself carries out, without asking an agent.
public enum BuiltInCommand: String, CaseIterable, Sendable {
    case help, new, stop, status, whoami

    /// One line for `/help`.
    public var summary: String {
        switch self {
        case .help: "shows this list"
        case .new: "starts a fresh conversation; what was said before is forgotten here"
        case .stop: "stops the answer being written"
        case .status: "tells how the gateway and this conversation fare"
        case .whoami: "tells who you are to the bot"
        }
    }

    /// Whether it is carried out at once, also while an answer is being written: it asks about that, or ends it.
    var overtakes: Bool { self != .new }

    /// The command in a message, as the adapter found it or as `/name` at the start of the text.
    public static func parse(_ message: InboundMessage) -> BuiltInCommand? {
        guard message.kind == .message else { return nil }
        if let command = message.command { return BuiltInCommand(rawValue: command.name) }
        guard message.text.hasPrefix("/") else { return nil }
        let word = message.text.dropFirst().prefix { !$0.isWhitespace }
        return BuiltInCommand(rawValue: word.lowercased())
    }

    /// The text of `/help`.
    public static var overview: String {
        let lines = allCases.map { "/\($0.rawValue) – \($0.summary)" }
        return (["I answer what you write here. Commands:"] + lines).joined(separator: "\n")
    }
}
