/// The one pass that turns bytes into ``JSONDocument``'s tokens, or says where they are not JSON.
struct JSONParser {
    private let bytes: [UInt8]
    private let maximumDepth: Int
    private var position = 0
    private var tokens: [JSONDocument.Token] = []

    init(bytes: [UInt8], maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    mutating func parse() throws(JSONDocument.ParseError) -> [JSONDocument.Token] {
        guard bytes.count < Int(UInt32.max) else { throw failure("text of 4 GiB or more") }
        tokens.reserveCapacity(bytes.count / 8 + 4)
        // RFC 8259 §8.1 lets a parser ignore a byte order mark.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        skipSpace()
        try parseValue(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw failure("more text after the value") }
        return tokens
    }

    static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private func failure(_ problem: String) -> JSONDocument.ParseError {
        JSONDocument.ParseError(offset: position, problem: problem)
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func parseValue(depth: Int) throws(JSONDocument.ParseError) {
        switch current {
        case UInt8(ascii: "{"): try parseContainer(.object, closing: UInt8(ascii: "}"), depth: depth)
        case UInt8(ascii: "["): try parseContainer(.array, closing: UInt8(ascii: "]"), depth: depth)
        case UInt8(ascii: "\""): try parseString()
        case UInt8(ascii: "t"): try parseWord("true", .bool, flag: true)
        case UInt8(ascii: "f"): try parseWord("false", .bool, flag: false)
        case UInt8(ascii: "n"): try parseWord("null", .null, flag: false)
        case nil: throw failure("the text ends where a value should be")
        case .some(let byte):
            guard byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
                throw failure("unexpected character")
            }
            try parseNumber()
        }
    }

    private mutating func parseContainer(
        _ kind: JSONDocument.Kind, closing: UInt8, depth: Int
    ) throws(JSONDocument.ParseError) {
        guard depth < maximumDepth else { throw failure("more than \(maximumDepth) levels deep") }
        let own = tokens.count
        append(kind, start: position, end: position)
        position += 1
        skipSpace()
        var count: UInt32 = 0
        if current == closing {
            position += 1
        } else {
            while true {
                if kind == .object {
                    guard current == UInt8(ascii: "\"") else { throw failure("expected a member's name") }
                    try parseString()
                    skipSpace()
                    guard current == UInt8(ascii: ":") else { throw failure("expected a colon") }
                    position += 1
                    skipSpace()
                }
                try parseValue(depth: depth + 1)
                count += 1
                skipSpace()
                if current == closing {
                    position += 1
                    break
                }
                guard current == UInt8(ascii: ",") else { throw failure("expected a comma or the end of the list") }
                position += 1
                skipSpace()
            }
        }
        tokens[own].end = UInt32(position)
        tokens[own].next = UInt32(tokens.count)
        tokens[own].count = count
    }

    private mutating func append(_ kind: JSONDocument.Kind, flag: Bool = false, start: Int, end: Int) {
        tokens.append(
            JSONDocument.Token(
                kind: kind, flag: flag, start: UInt32(start), end: UInt32(end), next: UInt32(tokens.count + 1),
                count: 0))
    }

    private mutating func parseWord(
        _ word: StaticString, _ kind: JSONDocument.Kind, flag: Bool
    ) throws(JSONDocument.ParseError) {
        let end = position + word.utf8CodeUnitCount
        let matches = end <= bytes.count && word.withUTF8Buffer { bytes[position..<end].elementsEqual($0) }
        guard matches else { throw failure("unexpected word") }
        append(kind, flag: flag, start: position, end: end)
        position = end
    }

    private mutating func parseNumber() throws(JSONDocument.ParseError) {
        let start = position
        if current == UInt8(ascii: "-") { position += 1 }
        if current == UInt8(ascii: "0") {
            position += 1
        } else {
            try skipDigits()
        }
        if current == UInt8(ascii: ".") {
            position += 1
            try skipDigits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try skipDigits()
        }
        append(.number, start: start, end: position)
    }

    private mutating func skipDigits() throws(JSONDocument.ParseError) {
        let start = position
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw failure("expected a digit") }
    }

    private mutating func parseString() throws(JSONDocument.ParseError) {
        position += 1
        let start = position
        var escaped = false
        while true {
            guard let byte = current else { throw failure("the text ends inside a string") }
            switch byte {
            case UInt8(ascii: "\""):
                append(.string, flag: escaped, start: start, end: position)
                position += 1
                return
            case UInt8(ascii: "\\"):
                escaped = true
                try parseEscape()
            case 0..<0x20: throw failure("control character in a string")
            case 0x80...: try parseMultibyte()
            default: position += 1
            }
        }
    }

    private mutating func parseEscape() throws(JSONDocument.ParseError) {
        position += 1
        switch current {
        case UInt8(ascii: "u"):
            guard position + 5 <= bytes.count,
                bytes[position + 1..<position + 5].allSatisfy({ Self.hexDigit($0) != nil })
            else { throw failure("\\u needs four hexadecimal digits") }
            position += 5
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        default: throw failure("unknown escape")
        }
    }

    /// One sequence of well-formed UTF-8 (Unicode 15, table 3-7).
    private mutating func parseMultibyte() throws(JSONDocument.ParseError) {
        let second: ClosedRange<UInt8>
        let length: Int
        switch bytes[position] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw failure("invalid UTF-8")
        }
        guard position + length <= bytes.count, second.contains(bytes[position + 1]),
            bytes[position + 2..<max(position + 2, position + length)].allSatisfy({ (0x80...0xBF).contains($0) })
        else { throw failure("invalid UTF-8") }
        position += length
    }
}
