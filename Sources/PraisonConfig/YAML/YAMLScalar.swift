/// A scalar as it was written, and what that means under YAML 1.2's core schema.
///
/// Source: https://yaml.org/spec/1.2.2/#103-core-schema
struct YAMLScalar: Sendable {
    enum Value: Hashable, Sendable {
        case null
        case boolean(Bool)
        case integer(Int)
        case number(Double)
        case text(String)
    }

    var text: String
    /// Neither quoted nor a block: only such a scalar can mean something other than text.
    var isPlain: Bool
    /// `true` for what must be taken as it is: `${…}` in it is no variable.
    var isLiteral = false
    /// The core type demanded by a tag such as `!!str`.
    var type: CoreType?

    enum CoreType: String, Sendable {
        case null, bool, int, float, str
    }

    var value: Value {
        guard type != .str, isPlain || type != nil else { return .text(text) }
        return Self.resolve(text)
    }

    /// What `text` means when it stands unquoted.
    static func resolve(_ text: String) -> Value {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .boolean(true)
        case "false", "False", "FALSE": return .boolean(false)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .number(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
        case ".nan", ".NaN", ".NAN": return .number(.nan)
        default: return integer(text).map(Value.integer) ?? number(text).map(Value.number) ?? .text(text)
        }
    }

    private static func integer(_ text: String) -> Int? {
        if text.hasPrefix("0x") { return unsigned(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0o") { return unsigned(text.dropFirst(2), radix: 8) }
        return Int(text)
    }

    private static func unsigned(_ digits: Substring, radix: Int) -> Int? {
        digits.first.flatMap { $0 == "-" || $0 == "+" ? nil : Int(digits, radix: radix) }
    }

    private static func number(_ text: String) -> Double? {
        // `Double` itself would also take hexadecimal, "inf" and "nan", which mean text here.
        let isDecimal = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"),
                UInt8(ascii: "+"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isDecimal ? Double(text) : nil
    }
}
