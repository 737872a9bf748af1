/// A path with blanks: `/agents/{name}/turns`, `/bot{token}/{method}`, `/files/*`.
///
/// A segment may hold one blank, with text before and after it; a blank takes at least one character. A last segment
/// of `*`, or `{name*}` where the rest is wanted by name, takes everything that follows, be it nothing.
struct HTTPPattern: Hashable, Sendable {
    /// In order of precedence: what is written beats a blank, a longer text around the blank beats a shorter one.
    enum Segment: Hashable, Sendable {
        case literal(String)
        case blank(name: String, prefix: String, suffix: String)
        case rest(name: String)

        var precedence: Int {
            switch self {
            case .literal: .max
            case .blank(_, let prefix, let suffix): 1 + prefix.utf8.count + suffix.utf8.count
            case .rest: 0
            }
        }
    }

    let segments: [Segment]

    init(_ text: String) {
        let parts = Self.split(text)
        segments = parts.indices.map { Self.segment(parts[$0], isLast: $0 == parts.endIndex - 1) }
    }

    /// The segments of a path, still percent-encoded.
    static func split(_ path: String) -> [Substring] {
        (path.hasPrefix("/") ? path.dropFirst() : path[...]).split(separator: "/", omittingEmptySubsequences: false)
    }

    private static func segment(_ text: Substring, isLast: Bool) -> Segment {
        if text == "*", isLast { return .rest(name: "*") }
        guard let open = text.firstIndex(of: "{"), let close = text[open...].firstIndex(of: "}") else {
            return .literal(String(text))
        }
        let name = text[text.index(after: open)..<close]
        if name.hasSuffix("*"), isLast { return .rest(name: String(name.dropLast())) }
        let suffix = text[text.index(after: close)...]
        return .blank(name: String(name), prefix: String(text[..<open]), suffix: String(suffix))
    }

    /// What the blanks hold, percent-decoded, or `nil` when the path is another one.
    func parameters(in path: [Substring]) -> [String: String]? {
        var parameters: [String: String] = [:]
        for (index, segment) in segments.enumerated() {
            if case .rest(let name) = segment {
                let rest = path.dropFirst(index).map(FormEncoding.unescape)
                parameters[name] = rest.joined(separator: "/")
                return path.count >= index ? parameters : nil
            }
            guard path.indices.contains(index) else { return nil }
            // Decoded after the split: an encoded slash is a character of its segment.
            let text = FormEncoding.unescape(path[index])
            switch segment {
            case .literal(let literal):
                guard text == literal else { return nil }
            case .blank(let name, let prefix, let suffix):
                let frame = prefix.utf8.count + suffix.utf8.count
                guard text.utf8.count > frame, text.hasPrefix(prefix), text.hasSuffix(suffix) else { return nil }
                parameters[name] = String(text.dropFirst(prefix.count).dropLast(suffix.count))
            case .rest:
                return nil
            }
        }
        return path.count == segments.count ? parameters : nil
    }

    /// Whether a path that fits both is this one's.
    func precedes(_ other: HTTPPattern) -> Bool {
        for (mine, others) in zip(segments, other.segments) where mine.precedence != others.precedence {
            return mine.precedence > others.precedence
        }
        return segments.count > other.segments.count
    }
}
