/// A JSON text (RFC 8259) from outside, checked as a whole and read in place.
///
/// Parsing makes one pass over the bytes and one flat table of tokens; no dictionary is built, and a string is made
/// only when asked for. Numbers keep their digits. A document is a view: copies and members share one storage.
///
/// ```swift
/// let update = try JSONDocument(parsing: body)
/// guard let chat = update["message"]?["chat"]?["id"]?.integer else { … }
/// ```
public struct JSONDocument: Sendable {
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// Bytes from the start.
        public var offset: Int
        public var problem: String
        public var description: String { "invalid JSON at byte \(offset): \(problem)" }
    }

    public enum Kind: UInt8, Hashable, Sendable {
        case null, bool, number, string, array, object
    }

    let storage: Storage
    let index: Int

    /// - Parameter maximumDepth: arrays and objects inside each other; deeper texts are refused.
    public init(parsing bytes: [UInt8], maximumDepth: Int = 128) throws(ParseError) {
        var parser = JSONParser(bytes: bytes, maximumDepth: maximumDepth)
        let tokens = try parser.parse()
        storage = Storage(bytes: bytes, tokens: tokens)
        index = 0
    }

    public init(parsing text: String, maximumDepth: Int = 128) throws(ParseError) {
        try self.init(parsing: Array(text.utf8), maximumDepth: maximumDepth)
    }

    init(storage: Storage, index: Int) {
        self.storage = storage
        self.index = index
    }

    final class Storage: Sendable {
        let bytes: [UInt8]
        let tokens: [Token]
        init(bytes: [UInt8], tokens: [Token]) {
            self.bytes = bytes
            self.tokens = tokens
        }
    }

    /// One value. An object's members follow it as name, value, name, value; an array's elements as values.
    struct Token: Sendable {
        var kind: Kind
        /// For strings: whether there is a backslash inside. For bools: the value.
        var flag: Bool
        /// The value's bytes; for strings those between the quotes.
        var start: UInt32
        var end: UInt32
        /// The index of the token after this value and everything in it.
        var next: UInt32
        /// Elements of an array, members of an object.
        var count: UInt32
    }

    private var token: Token { storage.tokens[index] }

    public var kind: Kind { token.kind }

    /// The value as it stands in the text.
    public var rawBytes: ArraySlice<UInt8> {
        let token = token
        let quote: UInt32 = token.kind == .string ? 1 : 0
        return storage.bytes[Int(token.start - quote)..<Int(token.end + quote)]
    }

    /// The member `name` of an object (the last one, should it occur twice), unless it is null or absent.
    public subscript(name: StaticString) -> JSONDocument? {
        name.withUTF8Buffer { member($0) }
    }

    /// The member `name` of an object (the last one, should it occur twice), unless it is null or absent.
    public subscript(dynamic name: String) -> JSONDocument? {
        var name = name
        return name.withUTF8 { member($0) }
    }

    public subscript(position: Int) -> JSONDocument? {
        guard token.kind == .array, position >= 0, position < token.count else { return nil }
        var child = index + 1
        for _ in 0..<position { child = Int(storage.tokens[child].next) }
        return JSONDocument(storage: storage, index: child)
    }

    /// The elements of an array; none for anything else.
    public var elements: [JSONDocument] {
        guard token.kind == .array else { return [] }
        var result: [JSONDocument] = []
        result.reserveCapacity(Int(token.count))
        var child = index + 1
        for _ in 0..<token.count {
            result.append(JSONDocument(storage: storage, index: child))
            child = Int(storage.tokens[child].next)
        }
        return result
    }

    /// The members of an object in their order; none for anything else.
    public var members: [(name: String, value: JSONDocument)] {
        guard token.kind == .object else { return [] }
        var result: [(name: String, value: JSONDocument)] = []
        result.reserveCapacity(Int(token.count))
        var child = index + 1
        for _ in 0..<token.count {
            let value = child + 1
            result.append((storage.string(storage.tokens[child]), JSONDocument(storage: storage, index: value)))
            child = Int(storage.tokens[value].next)
        }
        return result
    }

    public var isNull: Bool { token.kind == .null }
    public var string: String? { token.kind == .string ? storage.string(token) : nil }
    public var bool: Bool? { token.kind == .bool ? token.flag : nil }
    public var double: Double? { token.kind == .number ? Double(storage.text(token)) : nil }

    /// A whole number that fits 64 bits, written without fraction or exponent.
    public var integer: Int64? {
        guard token.kind == .number else { return nil }
        var digits = storage.bytes[Int(token.start)..<Int(token.end)]
        let negative = digits.first == UInt8(ascii: "-")
        if negative { digits = digits.dropFirst() }
        var value: Int64 = 0
        for byte in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
            let digit = Int64(byte - UInt8(ascii: "0"))
            let (sum, carry) = tenfold.subtractingReportingOverflow(digit)
            if overflow || carry { return nil }
            value = sum
        }
        // Counted downward, so that the smallest Int64 fits; the largest is its own check.
        return negative ? value : value == .min ? nil : -value
    }

    public var int: Int? { integer.flatMap { Int(exactly: $0) } }

    /// A string, or a number or bool as it is written: for identifiers that platforms spell either way.
    public var scalarText: String? {
        switch token.kind {
        case .string: storage.string(token)
        case .number, .bool: storage.text(token)
        case .null, .array, .object: nil
        }
    }

    /// A copy that stands alone.
    public var value: JSONValue {
        switch token.kind {
        case .null: .null
        case .bool: .bool(token.flag)
        case .number: .number(storage.text(token))
        case .string: .string(storage.string(token))
        case .array: .array(elements.map(\.value))
        case .object: .object(Dictionary(members.map { ($0.name, $0.value.value) }) { _, last in last })
        }
    }

    private func member(_ name: UnsafeBufferPointer<UInt8>) -> JSONDocument? {
        let token = token
        guard token.kind == .object else { return nil }
        var found: Int?
        var child = index + 1
        for _ in 0..<token.count {
            if storage.matches(storage.tokens[child], name) { found = child + 1 }
            child = Int(storage.tokens[child + 1].next)
        }
        guard let found, storage.tokens[found].kind != .null else { return nil }
        return JSONDocument(storage: storage, index: found)
    }
}

extension JSONDocument.Storage {
    func text(_ token: JSONDocument.Token) -> String {
        String(decoding: bytes[Int(token.start)..<Int(token.end)], as: UTF8.self)
    }

    func string(_ token: JSONDocument.Token) -> String {
        token.flag ? unescaped(token) : text(token)
    }

    func matches(_ token: JSONDocument.Token, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        if token.flag { return Array(unescaped(token).utf8) == Array(name) }
        guard Int(token.end - token.start) == name.count else { return false }
        return bytes.withUnsafeBufferPointer { buffer in
            for offset in 0..<name.count where buffer[Int(token.start) + offset] != name[offset] { return false }
            return true
        }
    }

    /// The parser has checked every escape; a lone surrogate becomes U+FFFD.
    private func unescaped(_ token: JSONDocument.Token) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(Int(token.end - token.start))
        var position = Int(token.start)
        let end = Int(token.end)
        while position < end {
            let byte = bytes[position]
            guard byte == UInt8(ascii: "\\") else {
                output.append(byte)
                position += 1
                continue
            }
            position += 2
            switch bytes[position - 1] {
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"):
                let unit = hexUnit(at: position)
                position += 4
                if (0xD800..<0xDC00).contains(unit), position + 6 <= end, bytes[position] == UInt8(ascii: "\\"),
                    bytes[position + 1] == UInt8(ascii: "u"), (0xDC00..<0xE000).contains(hexUnit(at: position + 2))
                {
                    let low = hexUnit(at: position + 2)
                    position += 6
                    append(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00), to: &output)
                } else {
                    append(unit, to: &output)
                }
            case let plain: output.append(plain)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private func append(_ codePoint: UInt32, to output: inout [UInt8]) {
        output += UTF8.encode(Unicode.Scalar(codePoint) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter
    }

    private func hexUnit(at position: Int) -> UInt32 {
        bytes[position..<position + 4].reduce(0) { $0 << 4 | UInt32(JSONParser.hexDigit($1) ?? 0) }
    }
}
