import PraisonCore

/// Text from outside, made fit for a log line.
enum LogText {
    /// One line of at most `limit` bytes, with `key` blanked before anything is cut and control characters as spaces.
    static func line(_ text: String, key: Secret?, limit: Int) -> String {
        let redacted = key?.redacting(text) ?? text
        var line = ""
        var size = 0
        for scalar in redacted.unicodeScalars {
            let isControl =
                scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
            let isSpace = isControl || scalar.properties.isWhitespace
            if isSpace, line.isEmpty || line.hasSuffix(" ") { continue }
            size += isSpace ? 1 : UTF8.width(scalar)
            guard size <= limit else { return line + "…" }
            line.unicodeScalars.append(isSpace ? " " : scalar)
        }
        return line.trimmed
    }
}
