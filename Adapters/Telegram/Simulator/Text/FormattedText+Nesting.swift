/// How entities may lie within each other, and what becomes of those that don't.
///
/// Source: https://core.telegram.org/bots/api#messageentity, under "Message entities can be nested"
extension FormattedText {
    /// Entities looked at; Telegram keeps the first hundred anyway.
    private static let nestingLimit = 200

    /// Sorts the entities, and where some cross each other or stand where they may not, cuts them as the server does:
    /// styles (bold, italic, …) at the edges of whatever else is there, the one that begins first where two styles
    /// cross. Code holds no styles, and of two links, mentions or codes that overlap only the first stays.
    mutating func nestEntities() {
        entities = Array(entities.sorted(by: Self.opensBefore).prefix(Self.nestingLimit))
        guard !Self.isNested(entities) else { return }
        let wholes = Self.wholes(among: entities)
        entities = (wholes + Self.styles(among: entities, around: wholes)).sorted(by: Self.opensBefore)
    }

    private static func opensBefore(_ first: Entity, _ second: Entity) -> Bool {
        (first.offset, -first.length) < (second.offset, -second.length)
    }

    private static func isNested(_ sorted: [Entity]) -> Bool {
        var open: [Entity] = []
        for entity in sorted {
            while let last = open.last, last.end <= entity.offset { open.removeLast() }
            guard open.allSatisfy({ $0.end >= entity.end && mayHold($0, entity) }) else { return false }
            open.append(entity)
        }
        return true
    }

    private static func mayHold(_ outer: Entity, _ inner: Entity) -> Bool {
        if isCode(outer) { return false }
        if isStyle(outer) { return !isCode(inner) && outer.type != inner.type }
        return isQuote(outer) ? !isQuote(inner) : isStyle(inner)
    }

    private static func isStyle(_ entity: Entity) -> Bool { styleNames.contains(entity.type) }
    private static func isCode(_ entity: Entity) -> Bool { ["code", "pre"].contains(entity.type) }
    private static func isQuote(_ entity: Entity) -> Bool {
        ["blockquote", "expandable_blockquote"].contains(entity.type)
    }

    private static let styleNames = ["bold", "italic", "underline", "strikethrough", "spoiler"]

    /// What is never cut: quotes, none within another, and the rest, each within a quote or beside it.
    private static func wholes(among sorted: [Entity]) -> [Entity] {
        var quotes: [Entity] = []
        for quote in sorted where isQuote(quote) && quote.offset >= quotes.last?.end ?? 0 { quotes.append(quote) }
        var others: [Entity] = []
        for entity in sorted
        where !isQuote(entity) && !isStyle(entity) && entity.offset >= others.last?.end ?? 0
            && quotes.allSatisfy({
                $0.end <= entity.offset || entity.end <= $0.offset
                    || $0.offset <= entity.offset && entity.end <= $0.end
            })
        {
            others.append(entity)
        }
        return quotes + others
    }

    private static func styles(among sorted: [Entity], around wholes: [Entity]) -> [Entity] {
        let edges = Set(wholes.flatMap { [$0.offset, $0.end] }).sorted()
        let codes = wholes.filter(isCode)
        let pieces = styleNames.flatMap { name in
            joined(sorted.filter { $0.type == name }).flatMap { cut($0, at: edges) }
        }
        .filter { piece in !codes.contains { $0.offset <= piece.offset && piece.end <= $0.end } }
        return pieces.flatMap { piece in
            let crossing = pieces.filter { $0.offset > piece.offset && $0.offset < piece.end && $0.end > piece.end }
            return cut(piece, at: Set(crossing.map(\.offset)).sorted())
        }
    }

    /// Neighbours of one type that touch become one.
    private static func joined(_ sorted: [Entity]) -> [Entity] {
        var result: [Entity] = []
        for entity in sorted {
            if let last = result.last, entity.offset <= last.end {
                result[result.count - 1].length = max(last.end, entity.end) - last.offset
            } else {
                result.append(entity)
            }
        }
        return result
    }

    private static func cut(_ entity: Entity, at places: [Int]) -> [Entity] {
        var (pieces, rest) = ([Entity](), entity)
        for place in places where place > rest.offset && place < rest.end {
            var piece = rest
            piece.length = place - rest.offset
            pieces.append(piece)
            (rest.offset, rest.length) = (place, rest.end - place)
        }
        return pieces + [rest]
    }
}
