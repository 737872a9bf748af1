extension String {
    /// The text with every character that could move a terminal's cursor or end a line written out: `\n`, `\u{1b}`.
    var escapingControls: String {
        guard unicodeScalars.contains(where: \.isUnsafeOnTerminals) else { return self }
        var result = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.isUnsafeOnTerminals: result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The same for text of several lines: line breaks and tabs stay.
    var escapingControlsInLines: String {
        split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                line.split(separator: "\t", omittingEmptySubsequences: false)
                    .map { String($0).escapingControls }.joined(separator: "\t")
            }.joined(separator: "\n")
    }
}

extension Unicode.Scalar {
    /// Control characters, and those that turn the direction of writing around or part lines unseen.
    fileprivate var isUnsafeOnTerminals: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
