/// Variables in a `.env` file: `NAME=value` lines, with `#` comments, quotes and `export` as shells have them.
struct DotEnvFile {
    let variables: [String: String]

    init(_ text: String) {
        var variables: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let (name, value) = Self.variable(in: line) else { continue }
            variables[name] = value
        }
        self.variables = variables
    }

    private static func variable(in line: Substring) -> (String, String)? {
        var line = trimmed(line)
        if line.hasPrefix("export ") { line = trimmed(line.dropFirst(7)) }
        guard !line.hasPrefix("#"), let sign = line.firstIndex(of: "=") else { return nil }
        let name = trimmed(line[..<sign])
        guard !name.isEmpty, name.utf8.allSatisfy(isNameByte) else { return nil }
        return (String(name), value(trimmed(line[line.index(after: sign)...])))
    }

    private static func value(_ text: Substring) -> String {
        if let quote = text.first, quote == "\"" || quote == "'",
            let end = text.dropFirst().firstIndex(of: quote)
        {
            return String(text[text.index(after: text.startIndex)..<end])
        }
        // A comment needs a space before it: keys and passwords may hold the sign.
        return String(trimmed(text.firstRange(of: " #").map { text[..<$0.lowerBound] } ?? text))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var rest = text.drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
