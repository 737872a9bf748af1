import PraisonCore

/// What is put before a text where several people share one memory, such as `[Ada] `, so that a model can tell who speaks.
struct Attribution: Sendable {
    private static let maximumName = 64
    private static let placeholder = "{sender}"

    /// As the settings write it.
    private let template: String
    /// What stands before a name and after it, without white space around it.
    private let opening: [Unicode.Scalar]
    private let closing: [Unicode.Scalar]

    init(_ template: String) {
        self.template = template
        let (before, after) =
            template.firstRange(of: Self.placeholder).map {
                (template[..<$0.lowerBound], template[$0.upperBound...])
            } ?? (template[...], "")
        // A name that follows is nobody's, and what is put between two of them is seldom white space alone.
        let end = after.firstRange(of: Self.placeholder)?.lowerBound ?? after.endIndex
        opening = Self.seen(before.unicodeScalars)
        closing = Self.seen(after[..<end].unicodeScalars)
    }

    /// The text with its sender before it; nothing in it passes for what somebody else says.
    func attributed(_ text: String, to sender: Sender) -> String {
        template.split(separator: Self.placeholder, omittingEmptySubsequences: false)
            .joined(separator: Self.name(of: sender)) + text
    }

    /// The text, a backslash before each line that could pass for the beginning of somebody's message.
    func escaped(_ text: String) -> String {
        var result = ""
        var isFirst = true
        var line = text.startIndex
        while line < text.endIndex {
            let end = text[line...].firstIndex(where: \.isNewline) ?? text.endIndex
            let next = end < text.endIndex ? text.index(after: end) : end
            if passes(text[line..<end].unicodeScalars, isFirst: isFirst) { result += "\\" }
            result += text[line..<next]
            (line, isFirst) = (next, false)
        }
        return result
    }

    /// Whether a line reads like an attribution, whatever nobody sees stands in it or before it.
    private func passes(_ line: Substring.UnicodeScalarView, isFirst: Bool) -> Bool {
        let line = Self.seen(line)
        guard !line.isEmpty else { return false }
        // Where nothing is put around a name, any words might be one.
        guard !opening.isEmpty || !closing.isEmpty else { return !isFirst }
        // The time comes first where it is told.
        return begins(line, isFirst: isFirst)
            || line.first == "[" && Self.afterTime(line).map { begins($0, isFirst: false) } ?? false
    }

    private func begins(_ line: [Unicode.Scalar], isFirst: Bool) -> Bool {
        guard opening.isEmpty else {
            return line.starts(with: opening)
                && (closing.isEmpty
                    || line.dropFirst(opening.count).firstRange(of: closing).map {
                        // A link, as Markdown writes it.
                        !(closing == ["]"] && line[$0.upperBound...].first == "(")
                    } ?? false)
        }
        // `{sender}: `: a few words and the mark, with white space after it; the first line has its own before it.
        guard !isFirst, let mark = line.firstRange(of: closing), mark.lowerBound > 0,
            mark.lowerBound <= Self.maximumName
        else { return false }
        return line[mark.upperBound...].first?.properties.isWhitespace ?? true
    }

    /// What follows `[2026-11-22 14:05 UTC]`.
    private static func afterTime(_ line: [Unicode.Scalar]) -> [Unicode.Scalar]? {
        line.firstIndex(of: "]").map { seen(line[($0 + 1)...]) }
    }

    /// What people see of it, without white space before and after it.
    private static func seen(_ scalars: some Sequence<Unicode.Scalar>) -> [Unicode.Scalar] {
        let seen = scalars.filter { !Fence.isUnseen($0) }.drop(while: \.properties.isWhitespace)
        return Array(seen[..<(seen.lastIndex { !$0.properties.isWhitespace }.map { $0 + 1 } ?? seen.startIndex)])
    }

    /// What people chose to be called, in one line and without what could pass for somebody else's attribution.
    private static func name(of sender: Sender) -> String {
        let name = sender.displayName ?? sender.username ?? sender.id.rawValue
        let plain = String(name.filter { !$0.isNewline && !"[]{}:".contains($0) }.prefix(maximumName))
        return plain.allSatisfy(\.isWhitespace) ? sender.id.rawValue : plain
    }
}
