import PraisonCore

/// Finds out how people said they are called. It has no memory of its own: the conversation's history is all it reads.
enum NameMemory {
    private static let introductions = [
        "my name is ", "my name's ", "i am called ", "i'm called ", "mein name ist ", "ich heiße ", "je m'appelle ",
        "me llamo ", Self.nickname,
    ]
    /// “Call me back” is no introduction, so only a capital letter makes it one.
    private static let nickname = "call me "
    private static let longestName = 40

    /// The name somebody gives in `text`, if they do.
    static func name(in text: String) -> String? {
        // A lowered text of another length (İ) would not tell where the name stands.
        let plain = text.replacing("’", with: "'")
        let lowered = plain.lowercased()
        guard lowered.count == plain.count else { return nil }
        for introduction in introductions {
            guard let found = lowered.firstRange(of: introduction) else { continue }
            let isWordStart =
                found.lowerBound == lowered.startIndex
                || !lowered[lowered.index(before: found.lowerBound)].isLetter
            guard isWordStart else { continue }
            let offset = lowered.distance(from: lowered.startIndex, to: found.upperBound)
            let rest = plain.dropFirst(offset)
            if introduction == nickname, rest.first?.isUppercase != true { continue }
            if let name = firstName(rest) { return name }
        }
        return nil
    }

    /// The name given last in the person's own messages.
    static func lastName(in messages: [ChatMessage]) -> String? {
        for message in messages.reversed() where message.role == .user {
            for line in message.text.split(separator: "\n").reversed() {
                // Quoted lines are somebody else's words.
                if !line.hasPrefix(">"), let name = name(in: String(line)) { return name }
            }
        }
        return nil
    }

    // MARK: Names kept as facts

    private static let factOpening = "the person's name is "

    /// The name in a sentence that can be understood by itself.
    static func fact(of name: String) -> String { factOpening + name }

    static func name(inFact fact: String) -> String? {
        fact.hasPrefix(factOpening) ? String(fact.dropFirst(factOpening.count)) : nil
    }

    /// The name in what a tool says it remembers, the newest first.
    static func name(inFacts text: String) -> String? {
        text.split(separator: "\n").lazy.compactMap { line in
            line.hasPrefix("- ") ? name(inFact: String(line.dropFirst(2))) : nil
        }.first
    }

    static let unknown = "You have not told me your name yet. Say “my name is Ada”, and then ask me again."

    /// Up to three words before a mark or a word that goes on with something else.
    private static func firstName(_ text: Substring) -> String? {
        let clause = text.prefix { !".,;:!?\n()[]{}<>\"“”`*_|".contains($0) }
        var words: [Substring] = []
        for word in clause.split(separator: " ").prefix(3) {
            let isGoingOn = ["and", "but", "what", "by", "from", "i", "so", "now", "und", "et", "y"].contains(
                word.lowercased())
            // After the first, only what is written like a name belongs to it.
            guard !isGoingOn, words.isEmpty || word.first?.isUppercase == true else { break }
            words.append(word)
        }
        let name = words.joined(separator: " ")
        guard !name.isEmpty, name.count <= longestName, name.contains(where: \.isLetter), name.lowercased() != "what"
        else {
            return nil
        }
        return name
    }
}
