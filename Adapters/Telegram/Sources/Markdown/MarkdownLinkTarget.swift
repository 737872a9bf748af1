/// The `(address "title")` behind a link's text (CommonMark 0.31 §6.3).
struct MarkdownLinkTarget {
    let url: String
    /// The position behind the closing parenthesis.
    let end: Int

    init?(after start: Int, in scalars: [Unicode.Scalar]) {
        guard start < scalars.count, scalars[start] == "(" else { return nil }
        var reader = Reader(scalars: scalars, position: start + 1)
        reader.skipSpace()
        guard let address = reader.address() else { return nil }
        if reader.skipSpace() { guard reader.skipTitle() else { return nil } }
        reader.skipSpace()
        guard reader.current == ")" else { return nil }
        url = address
        end = reader.position + 1
    }

    /// Whether Telegram makes a link of it: a web address, or one of its own.
    var canBeFollowed: Bool {
        let lower = url.lowercased()
        for scheme in ["https://", "http://", "tg://"] where lower.hasPrefix(scheme) {
            return lower.utf8.count > scheme.utf8.count
        }
        guard let first = lower.first, first.isLetter || first.isNumber, !lower.contains(":") else { return false }
        return lower.prefix { $0 != "/" }.contains(".")
    }

    private struct Reader {
        let scalars: [Unicode.Scalar]
        var position: Int

        var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

        @discardableResult
        mutating func skipSpace() -> Bool {
            let start = position
            while let scalar = current, scalar == " " || scalar == "\t" || scalar == "\n" { position += 1 }
            return position > start
        }

        mutating func address() -> String? {
            var address = String.UnicodeScalarView()
            let isBracketed = current == "<"
            if isBracketed { position += 1 }
            var depth = 0
            while let scalar = current {
                switch scalar {
                case "\n": return nil
                case "\\":
                    position += 1
                    if let next = current {
                        if !MarkdownSymbols.isASCIIPunctuation(next) { address.append(scalar) }
                        if next == "\n" { return nil }
                        address.append(next)
                    } else {
                        address.append(scalar)
                    }
                case ">" where isBracketed:
                    position += 1
                    return String(address)
                case " " where !isBracketed, "\t" where !isBracketed: return String(address)
                case "(" where !isBracketed:
                    depth += 1
                    address.append(scalar)
                case ")" where !isBracketed && depth == 0: return String(address)
                case ")" where !isBracketed:
                    depth -= 1
                    address.append(scalar)
                default: address.append(scalar)
                }
                position += 1
            }
            return nil
        }

        /// - Returns: whether there was none, or a whole one.
        mutating func skipTitle() -> Bool {
            let closing: Unicode.Scalar
            switch current {
            case "\"": closing = "\""
            case "'": closing = "'"
            case "(": closing = ")"
            default: return true
            }
            position += 1
            while let scalar = current {
                position += 1
                if scalar == closing { return true }
                if scalar == "\\" { position += 1 }
            }
            return false
        }
    }
}
