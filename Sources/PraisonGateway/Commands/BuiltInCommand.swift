public import PraisonCore

/// Orders the gateway itself carries out, without asking an agent.
public enum BuiltInCommand: String, CaseIterable, Sendable {
    case help, new, stop, undo, retry, compress, sessions, resume, approve, deny, model, status, whoami, usage, memory,
        forget

    /// One line for `/help`, where every command may be given.
    public var summary: String { summary { _ in true } }

    /// One line for `/help`. It names no other command that `isAllowed` forbids.
    func summary(_ isAllowed: (BuiltInCommand) -> Bool) -> String {
        switch self {
        case .help: "shows this list"
        case .new: "starts a fresh conversation" + (isAllowed(.resume) ? "; /resume brings the old one back" : "")
        case .stop: "stops the answer being written"
        case .undo: "forgets what was said last, question and answer"
        case .retry: "answers what was asked last anew"
        case .compress: "sums up what was said so far, so that there is room for more"
        case .sessions: "lists the conversations before this one"
        case .resume:
            "goes on with an earlier conversation, by its number" + (isAllowed(.sessions) ? " in /sessions" : "")
        case .approve: "lets an agent use a tool it has asked for"
        case .deny: "does not let it"
        case .model: "tells which model answers"
        case .status: "tells how the gateway and this conversation fare"
        case .whoami: "tells who you are to the bot"
        case .usage: "tells what your questions have cost"
        case .memory: "shows what is remembered about you and this conversation"
        case .forget: "forgets one of that by its number, or all of it"
        }
    }

    /// What may follow it, as `/help` writes it; `nil` where nothing may.
    ///
    /// - Parameter isAdministrator: whether it is said to somebody who may ask for everything.
    func arguments(isAdministrator: Bool) -> String? {
        switch self {
        case .resume: "NUMBER"
        case .forget: "NUMBER|all"
        case .approve, .deny: "ID"
        case .usage: isAdministrator ? UsageReport.arguments : nil
        case .help, .new, .stop, .undo, .retry, .compress, .sessions, .model, .status, .whoami, .memory: nil
        }
    }

    /// Whether it is carried out at once, also while an answer is being written: it asks about that, or ends it.
    var overtakes: Bool {
        switch self {
        case .help, .stop, .sessions, .approve, .deny, .model, .status, .whoami, .usage, .memory, .forget: true
        case .new, .undo, .retry, .compress, .resume: false
        }
    }

    /// Whether it answers a question that was put to the person who gives it; no list of permitted commands forbids that.
    var isAnswer: Bool { self == .approve || self == .deny }

    /// The command in a message, as the adapter found it or as `/name` at the start of the text, and what follows it. Who
    /// forwards one does not give it; a button gives those that are an answer.
    public static func parse(_ message: InboundMessage) -> (command: BuiltInCommand, arguments: String)? {
        // A program means what it says.
        guard message.forwardedFrom == nil, message.caller == nil else { return nil }
        if message.kind == .callback {
            return written(in: message.text).flatMap { $0.command.isAnswer ? $0 : nil }
        }
        guard message.kind == .message else { return nil }
        if let command = message.command {
            return BuiltInCommand(rawValue: command.name).map { ($0, command.arguments) }
        }
        return written(in: message.text)
    }

    private static func written(in text: String) -> (command: BuiltInCommand, arguments: String)? {
        guard text.hasPrefix("/") else { return nil }
        let words = text.dropFirst().split(maxSplits: 1, omittingEmptySubsequences: false) { $0.isWhitespace }
        guard let command = words.first.flatMap({ BuiltInCommand(rawValue: $0.lowercased()) }) else { return nil }
        return (command, words.count > 1 ? String(words[1]) : "")
    }

    /// All of them, for platforms that show a list.
    static var announced: [ChannelCommand] {
        allCases.map { command in
            ChannelCommand(
                name: command.rawValue, summary: command.summary,
                takesArguments: command.arguments(isAdministrator: true) != nil)
        }
    }

    /// The text of `/help`: the commands somebody may give.
    static func overview(of commands: [BuiltInCommand], isAdministrator: Bool) -> String {
        let lines = commands.map { command in
            let arguments = command.arguments(isAdministrator: isAdministrator).map { " \($0)" } ?? ""
            return "/\(command.rawValue)\(arguments) – \(command.summary(commands.contains))"
        }
        return (["I answer what you write here. Commands:"] + lines).joined(separator: "\n")
    }
}
