extension JSONValue {
    /// The JSON text in UTF-8: no white space, members sorted by name, so that the same value is the same bytes.
    public func bytes() -> [UInt8] {
        var output: [UInt8] = []
        write(to: &output, indent: nil, level: 0)
        return output
    }

    public func text() -> String { String(decoding: bytes(), as: UTF8.self) }

    /// The same with two spaces of indentation, for people.
    public func prettyText() -> String {
        var output: [UInt8] = []
        write(to: &output, indent: 2, level: 0)
        return String(decoding: output, as: UTF8.self)
    }

    private func write(to output: inout [UInt8], indent: Int?, level: Int) {
        switch self {
        case .null: output += "null".utf8
        case .bool(let value): output += (value ? "true" : "false").utf8
        case .number(let digits): output += digits.utf8
        case .string(let value): Self.write(value, to: &output)
        case .array(let elements):
            Self.writeList(elements, brackets: ("[", "]"), to: &output, indent: indent, level: level) {
                $0.write(to: &$1, indent: indent, level: level + 1)
            }
        case .object(let members):
            let sorted = members.sorted { $0.key < $1.key }
            Self.writeList(sorted, brackets: ("{", "}"), to: &output, indent: indent, level: level) {
                Self.write($0.key, to: &$1)
                $1 += (indent == nil ? ":" : ": ").utf8
                $0.value.write(to: &$1, indent: indent, level: level + 1)
            }
        }
    }

    private static func writeList<Element>(
        _ elements: [Element], brackets: (String, String), to output: inout [UInt8], indent: Int?, level: Int,
        _ writeElement: (Element, inout [UInt8]) -> Void
    ) {
        func breakLine(_ level: Int) {
            guard let indent, !elements.isEmpty else { return }
            output.append(UInt8(ascii: "\n"))
            output += Array(repeating: UInt8(ascii: " "), count: indent * level)
        }
        output += brackets.0.utf8
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            breakLine(level + 1)
            writeElement(element, &output)
        }
        breakLine(level)
        output += brackets.1.utf8
    }

    private static func write(_ string: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""): output += "\\\"".utf8
            case UInt8(ascii: "\\"): output += "\\\\".utf8
            case UInt8(ascii: "\n"): output += "\\n".utf8
            case UInt8(ascii: "\r"): output += "\\r".utf8
            case UInt8(ascii: "\t"): output += "\\t".utf8
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                output += "\\u00".utf8
                output += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
