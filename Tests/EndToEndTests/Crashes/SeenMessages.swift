/// What people saw of the bot while its process died again and again, and whether that was right.
struct SeenMessages: Sendable {
    struct Message: Sendable {
        /// The number of the message answered.
        var answers: Int
        var chat: String
        /// As shown, the mark of a possible repeat included.
        var text: String

        var isMarked: Bool { text.hasPrefix(SeenMessages.mark) }
        var words: String { isMarked ? String(text.dropFirst(SeenMessages.mark.count)) : text }
    }

    /// What the outbox puts before a message that may be there already.
    static let mark = "(this may be a repeat) "

    /// In the order seen.
    var messages: [Message] = []

    /// What is wrong, given what was said in each chat, in order.
    ///
    /// Every message has one answer; another copy of it is marked as a possible repeat. First copies come in the order of
    /// what they answer, and each was made with the history that the one before left.
    func problems(given said: [String: [Int]]) -> [String] {
        said.sorted { $0.key < $1.key }.flatMap { chat, numbers in
            let answers = messages.filter { $0.chat == chat }
            return Self.repeats(answers) + Self.order(answers, numbers) + Self.words(answers, numbers)
        }
    }

    private static func repeats(_ answers: [Message]) -> [String] {
        Dictionary(grouping: answers, by: \.answers).compactMap { number, copies in
            let isRight = copies.dropFirst().allSatisfy(\.isMarked) && Set(copies.map(\.words)).count == 1
            return isRight ? nil : "\(number) was answered by \(copies.map(\.text))"
        }
    }

    private static func order(_ answers: [Message], _ numbers: [Int]) -> [String] {
        var seen: Set<Int> = []
        let first = answers.map(\.answers).filter { seen.insert($0).inserted }
        return first == numbers ? [] : ["said \(numbers), answered \(first)"]
    }

    private static func words(_ answers: [Message], _ numbers: [Int]) -> [String] {
        let before = Dictionary(uniqueKeysWithValues: zip(numbers.dropFirst(), numbers))
        return answers.compactMap { answer in
            let expected = "answer to \(answer.answers) after \(before[answer.answers].map(String.init) ?? "nothing")"
            return answer.words == expected ? nil : "\(answer.answers) was answered “\(answer.text)”"
        }
    }
}
