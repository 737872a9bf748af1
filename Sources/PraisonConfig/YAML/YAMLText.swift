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
        while true {
            switch decoder.decode(&iterator) {
            case .emptyInput: return nil
            case .error:
                return YAMLSyntaxError(
                    place: place, message: "not UTF-8; save the file as UTF-8", isLimit: true)
            case .scalarValue("\n"): place = SourcePlace(line: place.line + 1, column: 1)
            case .scalarValue(let scalar):
                // A byte order mark may stand at the start and takes no column.
                if isFirst, scalar == "\u{FEFF}" { break }
                guard isAllowed(scalar) else {
                    let number = String(scalar.value, radix: 16, uppercase: true)
                    return YAMLSyntaxError(
                        place: place, message: "the control character U+\(number) is not allowed; remove it",
                        isLimit: true)
                }
                place.column += 1
            }
            isFirst = false
        }
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF:
            true
        default: false
        }
    }

    static func character(at place: SourcePlace, in bytes: [UInt8]) -> Unicode.Scalar? {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.indices.contains(place.line - 1) else { return nil }
        return String(decoding: lines[place.line - 1], as: UTF8.self).unicodeScalars.dropFirst(place.column - 1).first
    }

    /// Overwrites with spaces the top-level blocks that lines `first` to `last` belong to, so that what follows can be
    /// read and keeps its places.
    ///
    /// - Returns: whether anything but spaces was there.
    static func blankBlocks(in bytes: inout [UInt8], from first: Int, through last: Int) -> Bool {
        var starts = [0]
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(index + 1) }
        func startsBlock(_ line: Int) -> Bool {
            guard starts.indices.contains(line), bytes.indices.contains(starts[line]) else { return false }
            return !" \t\r\n#]}-".utf8.contains(bytes[starts[line]])
        }
        var from = min(max(first - 1, 0), starts.count - 1)
        while from > 0, !startsBlock(from) { from -= 1 }
        var to = max(last, from + 1)
        while to < starts.count, !startsBlock(to) { to += 1 }
        let end = to < starts.count ? starts[to] : bytes.count
        var changed = false
        for index in starts[from]..<max(end, starts[from]) where bytes[index] != UInt8(ascii: "\n") {
            changed = changed || bytes[index] != UInt8(ascii: " ")
            bytes[index] = UInt8(ascii: " ")
        }
        return changed
    }
}
