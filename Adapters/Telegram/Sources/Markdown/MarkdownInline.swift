import PraisonCore

/// The inline structure of CommonMark: emphasis, code, links, escapes; `~~struck~~` from GFM.
///
/// Works on Unicode scalars, since all markup is ASCII; entities are brought to whole graphemes afterwards.
struct MarkdownInline {
    /// How links are shown. A link's text may hold no other link.
    enum Links { case followed, spelledOut, none }

    private let scalars: [Unicode.Scalar]
    private let links: Links
    private var codeSpans: [Int: (content: Range<Int>, end: Int)] = [:]
    /// For an opening bracket, its closing one.
    private var brackets: [Int: Int] = [:]

    init(_ text: String, links: Links = .followed) { self.init(Array(text.unicodeScalars), links: links) }

    private init(_ scalars: [Unicode.Scalar], links: Links) {
        self.scalars = scalars
        self.links = links
        findCodeSpans()
        if links != .none { findBrackets() }
    }

    // MARK: What binds tighter than emphasis

    private mutating func findCodeSpans() {
        var position = 0
        while position < scalars.count {
            switch scalars[position] {
            case "\\": position += 2
            case "`":
                let content = position + run(at: position)
                if let close = closingRun(of: content - position, from: content) {
                    codeSpans[position] = (content..<close, close + (content - position))
                    position = close + (content - position)
                } else {
                    position = content
                }
            default: position += 1
            }
        }
    }

    private func closingRun(of length: Int, from start: Int) -> Int? {
        var position = start
        while position < scalars.count {
            guard scalars[position] == "`" else {
                position += 1
                continue
            }
            let found = run(at: position)
            if found == length { return position }
            position += found
        }
        return nil
    }

    private mutating func findBrackets() {
        var open: [Int] = []
        var position = 0
        while position < scalars.count {
            if let span = codeSpans[position] {
                position = span.end
                continue
            }
            switch scalars[position] {
            case "\\": position += 1
            case "[": open.append(position)
            case "]": if let start = open.popLast() { brackets[start] = position }
            default: break
            }
            position += 1
        }
    }

    private func run(at start: Int) -> Int {
        var end = start
        while end < scalars.count, scalars[end] == scalars[start] { end += 1 }
        return end - start
    }

    private func string(_ range: Range<Int>) -> String {
        String(String.UnicodeScalarView(scalars[range]))
    }

    // MARK: One pass

    func rendered() -> StyledText {
        var pieces = MarkdownPieces()
        var position = 0
        while position < scalars.count { position = step(at: position, into: &pieces) }
        return pieces.joined()
    }

    /// - Returns: the position behind what was read.
    private func step(at position: Int, into pieces: inout MarkdownPieces) -> Int {
        let scalar = scalars[position]
        switch scalar {
        case "\\": return escape(at: position, into: &pieces)
        case "`":
            guard let span = codeSpans[position] else { break }
            pieces.append(code(in: span.content))
            return span.end
        case "*", "_", "~":
            let end = position + run(at: position)
            pieces.append(delimiter(position..<end))
            return end
        case "!":
            if position + 1 < scalars.count, scalars[position + 1] == "[",
                let (link, end) = link(at: position + 1, isImage: true)
            {
                pieces.append(link)
                return end
            }
        case "[":
            if let (link, end) = link(at: position, isImage: false) {
                pieces.append(link)
                return end
            }
        case "<", "&":
            if let (text, end) = MarkdownSymbols.replacement(at: position, in: scalars) {
                pieces.append(text)
                return end
            }
        default: break
        }
        let end = scalar == "`" ? position + run(at: position) : position + 1
        for scalar in scalars[position..<end] { pieces.append(scalar) }
        return end
    }

    private func escape(at position: Int, into pieces: inout MarkdownPieces) -> Int {
        guard position + 1 < scalars.count else {
            pieces.append("\\" as Unicode.Scalar)
            return position + 1
        }
        let next = scalars[position + 1]
        // CommonMark 0.31 §2.4: a backslash hides ASCII punctuation; before a line end it is a hard break.
        if !MarkdownSymbols.isASCIIPunctuation(next), next != "\n" { pieces.append("\\" as Unicode.Scalar) }
        pieces.append(next)
        return position + 2
    }

    private func code(in range: Range<Int>) -> StyledText {
        var content = scalars[range].map { $0 == "\n" ? " " : $0 }
        // §6.1: one space on both sides is padding, so that code may begin with a backtick.
        if content.count > 2, content.first == " ", content.last == " ", content.contains(where: { $0 != " " }) {
            content = Array(content.dropFirst().dropLast())
        }
        var code = StyledText(String(String.UnicodeScalarView(content)))
        code.cover(with: .code)
        return code
    }

    /// Whether a run of markers can open or close emphasis (§6.2, "flanking").
    private func delimiter(_ range: Range<Int>) -> MarkdownPieces.Delimiter {
        let marker = scalars[range.lowerBound]
        let before = range.lowerBound > 0 ? scalars[range.lowerBound - 1] : " "
        let after = range.upperBound < scalars.count ? scalars[range.upperBound] : " "
        let (spaceBefore, spaceAfter) = (before.properties.isWhitespace, after.properties.isWhitespace)
        let (markBefore, markAfter) = (MarkdownSymbols.isPunctuation(before), MarkdownSymbols.isPunctuation(after))
        let isLeft = !spaceAfter && (!markAfter || spaceBefore || markBefore)
        let isRight = !spaceBefore && (!markBefore || spaceAfter || markAfter)
        var delimiter = MarkdownPieces.Delimiter(marker: marker, count: range.count, canOpen: isLeft, canClose: isRight)
        if marker == "_" {
            delimiter.canOpen = isLeft && (!isRight || markBefore)
            delimiter.canClose = isRight && (!isLeft || markAfter)
        }
        // Not CommonMark, but 2*3*4 is arithmetic.
        if marker == "*", range.count == 1, before.properties.numericType != nil, after.properties.numericType != nil {
            (delimiter.canOpen, delimiter.canClose) = (false, false)
        }
        return delimiter
    }

    // MARK: Links

    private func link(at open: Int, isImage: Bool) -> (StyledText, Int)? {
        guard links != .none, let close = brackets[open],
            let target = MarkdownLinkTarget(after: close + 1, in: scalars)
        else { return nil }
        var label = MarkdownInline(Array(scalars[(open + 1)..<close]), links: .none).rendered()
        // A link is worth more than code style, and Telegram shows only one of them.
        label.entities.removeAll { $0.kind == .code }
        if label.text.allSatisfy(\.isWhitespace) { label = StyledText(target.url) }
        if links == .followed, target.canBeFollowed {
            label.cover(with: .link, value: target.url)
        } else if !target.url.isEmpty, label.text != target.url {
            label.append(" (\(target.url))")
        }
        return (label, target.end)
    }
}
