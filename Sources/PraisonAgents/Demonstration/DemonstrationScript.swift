import PraisonCore

/// What the demonstration model says in a conversation.
struct DemonstrationScript {
    private let history: [ChatMessage]
    private let question: String
    /// The question without the name of who asks, marks and polite words; lower case.
    private let plain: String
    private let tools: Set<String>
    /// Whether it says who speaks, as it does where several do.
    private let isAttributed: Bool

    /// - Parameters:
    ///   - conversation: ends with the question.
    ///   - tools: what may be used to answer it.
    init(_ conversation: [ChatMessage], tools: Set<String> = []) {
        self.tools = tools
        history = conversation.dropLast().map { message in
            var message = message
            message.text = Fence.outside(of: message.text)
            return message
        }
        // Several messages that came at once are one question; its last line that is nobody's quotation counts.
        let lines = Fence.outside(of: conversation.last?.text ?? "").split(separator: "\n").filter {
            !$0.hasPrefix(">")
        }
        // What is said of attachments stands in brackets.
        let line = lines.last { !($0.hasPrefix("[") && $0.hasSuffix("]")) } ?? lines.last ?? ""
        question = Self.withoutLabels(String(line))
        isAttributed = lines.contains(where: Self.isAttributed)
        plain = Self.plain(question)
    }

    /// What is to be found out before the question can be answered.
    var calls: [(name: String, arguments: JSONValue)] {
        var errand = DemonstrationErrand(tools: tools)
        // Among several people a name would be everybody's.
        if !isAttributed {
            errand.name = NameMemory.name(in: question)
            errand.asksForName = asksForName && NameMemory.lastName(in: history) == nil
        }
        return errand.calls(for: plain, question)
    }

    /// - Parameter results: of the tools that were used for this question.
    func answer(after results: [(call: ToolCall, result: ChatMessage)] = []) -> String {
        let isFirst = !history.contains { $0.role == .assistant }
        let found = results.isEmpty ? knownAnswer : DemonstrationErrand.report(of: results)
        guard let text = found else { return isFirst ? Self.introduction + " " + Self.invitation : shrug }
        return isFirst && !text.hasPrefix(Self.introduction) ? text + "\n\n" + Self.introduction : text
    }

    // MARK: Rules, the most telling first

    private var knownAnswer: String? {
        if let name = NameMemory.name(in: question) {
            return "Nice to meet you, \(name)! I will remember your name as long as our conversation lasts."
        }
        if asksForName { return ownersName }
        if let sum = sumAnswer { return sum }
        if asks([
            "api key", "api_key", "openai_api_key", "a key", "set up", "setup", "configure", "real model", "base_url",
        ]) {
            return Self.instructions
        }
        if asks([
            "who are you", "what are you", "your name", "are you real", "are you a", "are you an", "which model",
            "what model",
        ]) {
            return Self.introduction + " " + Self.invitation
        }
        if asks(["help", "what can you do", "what do you do"]) { return Self.introduction + " " + Self.invitation }
        if asks(["thank you", "thanks", "danke", "merci", "gracias"]) {
            return "You are welcome. That was easy, even for a demonstration."
        }
        if asks(["goodbye", "bye", "see you", "good night"]) {
            return "Goodbye! Come back with a key, and a real model will be here."
        }
        if isGreeting {
            let name = NameMemory.lastName(in: history).map { ", \($0)" } ?? ""
            return "Hello\(name)! It is good to hear from you."
        }
        return nil
    }

    private var asksForName: Bool { asks(["my name", "who am i", "wie heiße ich"]) }

    private var ownersName: String {
        guard let name = NameMemory.lastName(in: history) else {
            return NameMemory.unknown
        }
        return "Your name is \(name). You told me earlier in this conversation."
    }

    /// The sum in a question, if it can be worked out.
    static func sum(in question: String) -> String? {
        let sum = withoutOpenings(question)
        return Arithmetic.answer(sum) == .none ? nil : sum
    }

    private static func withoutOpenings(_ question: String) -> String {
        var sum = question
        let openings = [
            "what is ", "what's ", "whats ", "how much is ", "how much are ", "calculate ", "compute ", "work out ",
            "solve ", "and ", "was ist ", "wie viel ist ",
        ]
        while let opening = openings.first(where: sum.hasPrefix) { sum = String(sum.dropFirst(opening.count)) }
        while let last = sum.last, "=?! ".contains(last) || last == "." { sum.removeLast() }
        return sum
    }

    private var sumAnswer: String? {
        let sum = Self.withoutOpenings(plain)
        return switch Arithmetic.answer(sum) {
        case .value(let value, isExact: true): "\(sum) = \(value). I worked that out by rule, without a language model."
        case .value(let value, isExact: false):
            "\(sum) ≈ \(value), cut off after twelve places. Its digits go on for ever."
        case .divisionByZero: "\(sum) has no answer, because nothing can be divided by zero."
        case .tooLarge: "\(sum) is too large for me. I work with numbers of up to 38 digits."
        case .none: nil
        }
    }

    private var isGreeting: Bool {
        let greetings = [
            "hello", "hi", "hey", "hallo", "good morning", "good afternoon", "good evening", "greetings", "moin",
            "bonjour", "hola", "servus", "start", "/start",
        ]
        return greetings.contains {
            plain == $0 || plain.hasPrefix("\($0) ") || plain.hasPrefix("\($0),") || plain.hasPrefix("\($0)!")
        }
    }

    private var shrug: String {
        guard !question.isEmpty else {
            return "I was shown something, but a demonstration can't read it. \(Self.invitation)"
        }
        let quoted = question.count > 80 ? "\(question.prefix(80))…" : question
        return "I read “\(quoted)”, but I follow a few rules only and can't really answer that. \(Self.invitation)"
    }

    private func asks(_ phrases: [String]) -> Bool {
        phrases.contains { phrase in
            guard let found = plain.firstRange(of: phrase) else { return false }
            let before = found.lowerBound == plain.startIndex || !plain[plain.index(before: found.lowerBound)].isLetter
            let after = found.upperBound == plain.endIndex || !plain[found.upperBound].isLetter
            return before && after
        }
    }

    // MARK: Words

    static let introduction =
        "I am praisonai's built-in demonstration model: a few fixed rules, no language model, so that you can try the "
        + "gateway without an account."

    private static let invitation =
        "Tell me your name and ask for it later, give me a sum like 12 * (3 + 4), or ask me how to set a key."

    private static let instructions =
        """
        To talk to a real model, give the gateway a key and start it again: set the environment variable \
        OPENAI_API_KEY, or write api_key under your agent in gateway.yaml. For a model on your own machine, write its \
        base_url there instead, for example http://localhost:11434/v1. Please keep keys out of this chat.
        """

    // MARK: Reading

    /// Without `[Ada] ` or `[2026-11-22 14:05 UTC] ` in front, which tell a model who speaks and when.
    private static func withoutLabels(_ text: String) -> String {
        var rest = text.trimmed
        while rest.hasPrefix("["), let end = rest.firstIndex(of: "]"), rest.index(after: end) != rest.endIndex {
            rest = String(rest[rest.index(after: end)...]).trimmed
        }
        return rest
    }

    /// Whether a line begins with a label that is no time, and says something after it.
    private static func isAttributed(_ line: Substring) -> Bool {
        guard line.hasPrefix("["), let end = line.firstIndex(of: "]") else { return false }
        let rest = line[line.index(after: end)...].drop(while: \.isWhitespace)
        return line[..<end].hasSuffix(" UTC") ? isAttributed(rest) : !rest.isEmpty
    }

    private static func plain(_ text: String) -> String {
        var rest = text.replacing("’", with: "'").lowercased().trimmed
        while rest.hasPrefix("@"), let space = rest.firstIndex(where: \.isWhitespace) {
            rest = String(rest[space...]).trimmed
        }
        for word in ["please ", "can you ", "could you ", "tell me "] where rest.hasPrefix(word) {
            rest = String(rest.dropFirst(word.count))
        }
        return rest
    }
}
