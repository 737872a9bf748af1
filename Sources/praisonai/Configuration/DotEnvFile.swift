/// Variables in a `.env` file: `NAME=value` lines, with `#` comments, quotes and `export` as shells have them.
struct DotEnvFile {
    let variables: [String: String]
    /// Numbers of lines, from 1, that are neither variables nor comments.
    let unreadableLines: [Int]

    init(_ text: String) {
        var variables: [String: String] = [:]
        var unreadable: [Int] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = Self.trimmed(line)
            if line.isEmpty || line.hasPrefix("#") { continue }
            if let (name, value) = Self.variable(in: line) {
                variables[name] = value
            } else {
                unreadable.append(index + 1)
            }
        }
        (self.variables, unreadableLines) = (variables, unreadable)
    }

    /// The user's file; `nil` where there is none, or it can't be read.
    init?(of folder: UserFolder) {
        guard let bytes = try? WholeFile.bytes(of: folder.environmentFile, limit: 1 << 20) else { return nil }
        self.init(String(decoding: bytes, as: UTF8.self))
    }

    private static func variable(in line: Substring) -> (String, String)? {
        var line = line
        if line.hasPrefix("export ") { line = trimmed(line.dropFirst(7)) }
        guard let sign = line.firstIndex(of: "=") else { return nil }
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
