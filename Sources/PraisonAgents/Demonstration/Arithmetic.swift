/// Reads and works out a sum such as `12 * (3 + 4) / 5`. Nothing else is a sum: a text that does not fit whole is left
/// alone.
///
/// ```
/// sum     := product { (+ | -) product }
/// product := signed { (* | /) signed }
/// signed  := { + | - } power
/// power   := atom [ ^ signed ] [ % ]
/// atom    := number | ( sum )
/// ```
struct Arithmetic {
    enum Answer: Equatable {
        case value(String, isExact: Bool)
        case divisionByZero
        case tooLarge
        /// Not a sum at all.
        case none
    }

    private enum Problem: Error { case notASum }

    /// Characters of the longest sum.
    private static let maximumLength = 200
    private static let maximumDepth = 24

    private let characters: [Character]
    private var position = 0
    private var depth = 0
    private var operations = 0

    static func answer(_ text: String) -> Answer {
        guard text.utf8.count <= maximumLength * 4, let normalised = normalised(text) else { return .none }
        var sum = Arithmetic(characters: normalised)
        do {
            let value = try sum.sum()
            guard sum.position == sum.characters.count, sum.operations > 0 else { return .none }
            let (text, isExact) = value.decimal
            return .value(text, isExact: isExact)
        } catch ExactNumber.Failure.divisionByZero {
            return sum.looksWhole ? .divisionByZero : .none
        } catch ExactNumber.Failure.tooLarge {
            return sum.looksWhole ? .tooLarge : .none
        } catch {
            return .none
        }
    }

    private init(characters: [Character]) { self.characters = characters }

    /// The text without spaces, with words and typographic signs as plain operators; `nil` when it can't be a sum.
    private static func normalised(_ text: String) -> [Character]? {
        let words = [
            ("multiplied by", "*"), ("divided by", "/"), ("to the power of", "^"), ("plus", "+"), ("minus", "-"),
            ("times", "*"), (" x ", "*"), ("over", "/"), ("% of", "%*"), ("percent of", "%*"), ("percent", "%"),
            ("**", "^"),
        ]
        let signs: [Character: Character] = ["×": "*", "·": "*", "÷": "/", "−": "-", "–": "-"]
        var rest = text.lowercased()
        for (word, sign) in words {
            rest = rest.split(separator: word, omittingEmptySubsequences: false).joined(separator: sign)
        }
        var result: [Character] = []
        var endsNumber = false
        for character in rest {
            if character.isWhitespace {
                endsNumber = true
                continue
            }
            let plain = signs[character] ?? character
            let isDigit = plain.isASCII && (plain.isNumber || plain == ".")
            guard isDigit || "+-*/^%(),".contains(plain) else { return nil }
            // Two numbers side by side are a list, a date or a telephone number.
            if endsNumber, isDigit, let last = result.last, last.isNumber || last == "." { return nil }
            endsNumber = false
            result.append(plain)
        }
        return result.count <= maximumLength && result.contains(where: \.isNumber) ? result : nil
    }

    /// Whether what was left unread when a number failed can only be more of the sum.
    private var looksWhole: Bool {
        var open = 0
        for character in characters {
            if character == "(" { open += 1 }
            if character == ")" { open -= 1 }
            if open < 0 { return false }
        }
        return open == 0 && !(characters.last.map { "+-*/^(".contains($0) } ?? true)
    }

    private var current: Character? { characters.indices.contains(position) ? characters[position] : nil }

    private mutating func take(_ options: String) -> Character? {
        guard let current, options.contains(current) else { return nil }
        position += 1
        return current
    }

    private mutating func sum() throws -> ExactNumber {
        guard depth < Self.maximumDepth else { throw Problem.notASum }
        depth += 1
        defer { depth -= 1 }
        var value = try product()
        while let sign = take("+-") {
            operations += 1
            value = sign == "+" ? try value + product() : try value - product()
        }
        return value
    }

    private mutating func product() throws -> ExactNumber {
        var value = try signed()
        while let sign = take("*/") {
            operations += 1
            value = sign == "*" ? try value * signed() : try value / signed()
        }
        return value
    }

    private mutating func signed() throws -> ExactNumber {
        var isNegative = false
        while let sign = take("+-") { if sign == "-" { isNegative.toggle() } }
        let value = try power()
        return isNegative ? try value.negated() : value
    }

    private mutating func power() throws -> ExactNumber {
        guard depth < Self.maximumDepth else { throw Problem.notASum }
        depth += 1
        defer { depth -= 1 }
        var value = try atom()
        if take("^") != nil {
            operations += 1
            value = try value.raised(to: signed())
        }
        if take("%") != nil {
            operations += 1
            value = try value / ExactNumber(100)
        }
        return value
    }

    private mutating func atom() throws -> ExactNumber {
        if take("(") != nil {
            let value = try sum()
            guard take(")") != nil else { throw Problem.notASum }
            return value
        }
        return try ExactNumber(digits: digits())
    }

    /// Digits with at most one point; commas only where they part thousands.
    private mutating func digits() throws -> String {
        var digits = ""
        var sinceComma: Int?
        while let character = current {
            if character.isNumber {
                digits.append(character)
                if let count = sinceComma, !digits.contains(".") { sinceComma = count + 1 }
            } else if character == ".", !digits.contains(".") {
                digits.append(character)
            } else if character == ",", !digits.isEmpty, !digits.contains("."), sinceComma == nil || sinceComma == 3 {
                sinceComma = 0
            } else {
                break
            }
            position += 1
        }
        guard digits.contains(where: \.isNumber), sinceComma == nil || sinceComma == 3 else { throw Problem.notASum }
        // Dates and telephone numbers have numbers with a zero before them; sums don't.
        if digits.hasPrefix("0"), digits.dropFirst().first?.isNumber == true { throw Problem.notASum }
        return digits
    }
}
