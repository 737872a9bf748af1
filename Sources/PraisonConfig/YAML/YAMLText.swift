/// The bytes of a file, before they are YAML: their characters and their lines.
enum YAMLText {
    /// The first place that is no UTF-8, or a character that YAML forbids.
    ///
    /// Source: https://yaml.org/spec/1.2.2/#51-character-set
    static func firstFault(in bytes: [UInt8]) -> YAMLSyntaxError? {
        var place = SourcePlace(line: 1, column: 1)
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var isFirst = true
        var wasReturn = false
        while true {
            switch decoder.decode(&iterator) {
            case .emptyInput: return nil
            case .error:
                return YAMLSyntaxError(
                    place: place, message: "not UTF-8; save the file as UTF-8", isLimit: true)
            case .scalarValue("\n"):
                wasReturn = false
                place = SourcePlace(line: place.line + 1, column: 1)
            case .scalarValue(let scalar):
                // A byte order mark may stand at the start and takes no column.
                if isFirst, scalar == "\u{FEFF}" { break }
                if wasReturn {
                    place.column -= 1
                    return YAMLSyntaxError(
                        place: place, message: "a carriage return alone ends no line; save the file with line feeds",
                        isLimit: true)
                }
                if let reason = reasonAgainst(scalar) {
                    return YAMLSyntaxError(place: place, message: reason, isLimit: true)
                }
                wasReturn = scalar == "\r"
                place.column += 1
            }
            isFirst = false
        }
    }

    private static func reasonAgainst(_ scalar: Unicode.Scalar) -> String? {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let number = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        switch scalar.value {
        // Line breaks to YAML 1.1 and libyaml, ordinary characters to YAML 1.2 and to editors.
        case 0x85, 0x2028, 0x2029:
            return "the line separator \(number) is not allowed; remove it, or write \\u\(number.dropFirst(2)) in "
                + "double quotes"
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF:
            return nil
        default: return "the control character \(number) is not allowed; remove it"
        }
    }

    static func character(at place: SourcePlace, in bytes: [UInt8]) -> Unicode.Scalar? {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.indices.contains(place.line - 1) else { return nil }
        return String(decoding: lines[place.line - 1], as: UTF8.self).unicodeScalars.dropFirst(place.column - 1).first
    }

    /// Where the character at `place` begins in UTF-8.
    static func offset(of place: SourcePlace, in bytes: [UInt8]) -> Int? {
        guard place != .outside else { return nil }
        var offset = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        for _ in 1..<place.line {
            guard let end = bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            offset = end + 1
        }
        for _ in 1..<place.column {
            guard offset < bytes.count else { return nil }
            offset += 1
            while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
        }
        return offset
    }

    /// The bytes of the top-level block that `line` belongs to.
    static func block(around line: Int, in bytes: [UInt8]) -> Range<Int> {
        var starts = [0]
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(index + 1) }
        func startsBlock(_ line: Int) -> Bool {
            guard bytes.indices.contains(starts[line]) else { return false }
            return !" \t\r\n#]}-".utf8.contains(bytes[starts[line]])
        }
        var first = min(max(line - 1, 0), starts.count - 1)
        var next = first + 1
        while first > 0, !startsBlock(first) { first -= 1 }
        while next < starts.count, !startsBlock(next) { next += 1 }
        return starts[first]..<(next < starts.count ? starts[next] : bytes.count)
    }

    /// Overwrites with spaces the top-level block that `line` belongs to, so that the others can be read and keep their
    /// places.
    ///
    /// - Returns: whether anything but spaces was there.
    static func blankBlock(in bytes: inout [UInt8], around line: Int) -> Bool {
        var changed = false
        for index in block(around: line, in: bytes) where bytes[index] != UInt8(ascii: "\n") {
            changed = changed || bytes[index] != UInt8(ascii: " ")
            bytes[index] = UInt8(ascii: " ")
        }
        return changed
    }
}
