/// Characters that stand for others, and what counts as punctuation.
enum MarkdownSymbols {
    static func isASCIIPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "!"..."/", ":"..."@", "["..."`", "{"..."~": true
        default: false
        }
    }

    static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return isASCIIPunctuation(scalar) }
        return switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
            true
        default: false
        }
    }

    /// What `&amp;`, `<br>` and `<https://example.org>` are shown as, and the position behind them.
    static func replacement(at position: Int, in scalars: [Unicode.Scalar]) -> (text: String, end: Int)? {
        for (name, text) in names where matches(name, at: position, in: scalars) {
            return (text, position + name.unicodeScalars.count)
        }
        guard scalars[position] == "<" else { return nil }
        return autolink(at: position, in: scalars)
    }

    private static let names = [
        ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'"),
        ("&nbsp;", "\u{A0}"), ("<br>", "\n"), ("<br/>", "\n"), ("<br />", "\n"),
    ]

    private static func matches(_ name: String, at position: Int, in scalars: [Unicode.Scalar]) -> Bool {
        var offset = position
        for scalar in name.unicodeScalars {
            guard offset < scalars.count, scalars[offset] == scalar else { return false }
            offset += 1
        }
        return true
    }

    /// Telegram makes the link itself.
    private static func autolink(at position: Int, in scalars: [Unicode.Scalar]) -> (text: String, end: Int)? {
        var end = position + 1
        while end < scalars.count, end - position < 2048, scalars[end] != ">" {
            if scalars[end].properties.isWhitespace || scalars[end] == "<" { return nil }
            end += 1
        }
        guard end < scalars.count, scalars[end] == ">" else { return nil }
        let text = String(String.UnicodeScalarView(scalars[(position + 1)..<end]))
        guard text.hasPrefix("https://") || text.hasPrefix("http://") || text.hasPrefix("mailto:") || isMail(text)
        else { return nil }
        return (text, end + 1)
    }

    private static func isMail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".") && !text.contains("/")
    }
}
