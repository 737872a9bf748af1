import PraisonCore

/// What people saw of the bot while its process died again and again, and whether that was right.
///
/// Whatever is said has a number; the bot's model says it back: `echo: 17`.
struct SeenMessages: Sendable {
    struct Message: Sendable {
        /// The conversation, and its thread where there is one.
        var chat: String
        /// As shown, the mark of a possible repeat included.
        var text: String

        var isMarked: Bool { text.hasPrefix(SeenMessages.mark) }
        var words: String { isMarked ? String(text.dropFirst(SeenMessages.mark.count)) : text }
        /// The number of the message answered; `nil` where it is no answer to any.
        var answers: Int? {
            guard words.hasPrefix("echo: ") else { return nil }
            return words.split(separator: " ").last.flatMap { Int($0) }
        }
    }

    /// What the outbox puts before a message that may be there already.
    static let mark = "(this may be a repeat) "

    /// In the order seen.
    var messages: [Message]

    init(_ messages: [Message]) { self.messages = messages }

    /// - Parameter sent: what `GET /_sim/sent` answers.
    init(sent: [JSONValue]) {
        messages = sent.map { Message(chat: Self.chat($0), text: $0["text"]?.string ?? "") }
    }

    /// - Parameter place: what names a conversation: an answer to `POST /_sim/say`, or an element of `GET /_sim/sent`.
    static func chat(_ place: JSONValue) -> String {
        "\(place["conversation"]?.string ?? "")/\(place["thread"]?.string ?? "")"
    }

    var answered: Set<Int> { Set(messages.compactMap(\.answers)) }

    /// What is wrong, given what was said in each chat, in order.
    ///
    /// Every message has one answer, where it was said; another copy of it is marked as a possible repeat. First copies
    /// come in the order of what they answer.
    func problems(given said: [String: [Int]]) -> [String] {
        let strange = messages.filter { said[$0.chat] == nil || $0.answers == nil }.map {
            "nobody can have caused “\($0.text)” in \($0.chat)"
        }
        return strange
            + said.sorted { $0.key < $1.key }.flatMap { chat, numbers in
                let answers = messages.filter { $0.chat == chat }
                return Self.repeats(answers) + Self.order(answers, numbers, in: chat)
            }
    }

    private static func repeats(_ answers: [Message]) -> [String] {
        Dictionary(grouping: answers, by: \.answers).values.compactMap { copies in
            let isRight = copies.dropFirst().allSatisfy(\.isMarked) && Set(copies.map(\.words)).count == 1
            return isRight ? nil : "answered more than once: \(copies.map(\.text))"
        }
    }

    private static func order(_ answers: [Message], _ numbers: [Int], in chat: String) -> [String] {
        var seen: Set<Int> = []
        let first = answers.compactMap(\.answers).filter { seen.insert($0).inserted }
        guard first != numbers else { return [] }
        let missing = numbers.filter { !seen.contains($0) }
        return [missing.isEmpty ? "\(chat): said \(numbers), answered \(first)" : "\(chat): never answered \(missing)"]
    }
}
