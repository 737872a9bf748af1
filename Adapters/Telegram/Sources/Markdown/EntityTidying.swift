import PraisonCore

/// Brings entities into the form Telegram keeps: whole graphemes, no white space at the ends, code by itself.
struct EntityTidying {
    private let units: [UInt16]
    /// For each UTF-16 offset, whether a grapheme begins (or the text ends) there.
    private let isBoundary: [Bool]

    init(text: String) {
        units = Array(text.utf16)
        var boundaries = Array(repeating: false, count: units.count + 1)
        var offset = 0
        for character in text {
            boundaries[offset] = true
            offset += character.utf16.count
        }
        boundaries[offset] = true
        isBoundary = boundaries
    }

    func tidied(_ entities: [TextEntity]) -> [TextEntity] {
        let code = entities.filter { $0.kind == .code || $0.kind == .pre }.map(Self.range)
        var result: [TextEntity] = []
        for entity in entities {
            for range in Self.isStyle(entity.kind)
                ? Self.parts(of: Self.range(entity), without: code)
                : [
                    Self.range(entity)
                ]
            {
                guard let fitting = fitted(range, keepingStart: entity.kind == .pre) else { continue }
                var part = entity
                (part.offset, part.length) = (fitting.lowerBound, fitting.count)
                result.append(part)
            }
        }
        return Self.withoutRepetition(result).sorted {
            ($0.offset, -$0.length, $0.kind.rawValue) < ($1.offset, -$1.length, $1.kind.rawValue)
        }
    }

    private static func range(_ entity: TextEntity) -> Range<Int> { entity.offset..<entity.offset + entity.length }

    /// Kinds that Telegram does not combine with code.
    private static func isStyle(_ kind: TextEntity.Kind) -> Bool {
        switch kind {
        case .bold, .italic, .underline, .strikethrough, .spoiler: true
        default: false
        }
    }

    private static func parts(of range: Range<Int>, without holes: [Range<Int>]) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = range.lowerBound
        for hole in holes.sorted(by: { $0.lowerBound < $1.lowerBound }) where hole.overlaps(range) {
            if hole.lowerBound > start { parts.append(start..<hole.lowerBound) }
            start = max(start, hole.upperBound)
        }
        if start < range.upperBound { parts.append(start..<range.upperBound) }
        return parts
    }

    /// Shrunk to whole graphemes without white space around them; `nil` when nothing is left.
    private func fitted(_ range: Range<Int>, keepingStart: Bool) -> Range<Int>? {
        var (start, end) = (range.lowerBound, min(range.upperBound, units.count))
        while start < end, !isBoundary[start] || (!keepingStart && isSpace(start)) { start += 1 }
        while end > start, !isBoundary[end] || isSpace(end - 1) { end -= 1 }
        return start < end ? start..<end : nil
    }

    private func isSpace(_ offset: Int) -> Bool {
        Unicode.Scalar(units[offset])?.properties.isWhitespace ?? false
    }

    /// Bold within bold is bold.
    private static func withoutRepetition(_ entities: [TextEntity]) -> [TextEntity] {
        var kept: [TextEntity] = []
        for entity in entities.sorted(by: { ($0.offset, -$0.length) < ($1.offset, -$1.length) }) {
            let isRepetition = kept.contains {
                $0.kind == entity.kind && $0.offset <= entity.offset
                    && $0.offset + $0.length >= entity.offset + entity.length
            }
            if !isRepetition { kept.append(entity) }
        }
        return kept
    }
}
