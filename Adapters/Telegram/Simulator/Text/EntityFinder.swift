import PraisonCore

/// Finds what Telegram recognises in plain text: `@name`, `/command@bot`, `#tag`, links and mail addresses.
struct EntityFinder {
    private let units: [UInt16]

    init(_ text: String) { units = Array(text.utf16) }

    var entities: [FormattedText.Entity] {
        var found: [FormattedText.Entity] = []
        var position = 0
        while position < units.count {
            guard let entity = entity(at: position) else {
                position += 1
                continue
            }
            found.append(entity)
            position = entity.end
        }
        return found
    }

    private func entity(at position: Int) -> FormattedText.Entity? {
        let before = position > 0 ? units[position - 1] : 0x20
        guard !Self.isWord(before), before != unit("/"), before != unit("@") else { return nil }
        switch units[position] {
        case unit("@"):
            let length = word(from: position + 1)
            return (3...32).contains(length) ? make("mention", position, length + 1) : nil
        case unit("/"):
            let length = word(from: position + 1)
            guard (1...64).contains(length) else { return nil }
            var end = position + 1 + length
            if end < units.count, units[end] == unit("@") {
                let name = word(from: end + 1)
                if name >= 3 { end += 1 + name }
            }
            return make("bot_command", position, end - position)
        case unit("#"):
            let length = word(from: position + 1)
            return length > 0 ? make("hashtag", position, length + 1) : nil
        default:
            return link(at: position) ?? mail(at: position)
        }
    }

    private func link(at position: Int) -> FormattedText.Entity? {
        for scheme in ["https://", "http://"] where units[position...].starts(with: scheme.utf16) {
            var end = position + scheme.utf16.count
            let start = end
            while end < units.count, !Self.isSpace(units[end]) { end += 1 }
            while end > start, ".,;:!?)'\"".utf16.contains(units[end - 1]) { end -= 1 }
            return end > start ? make("url", position, end - position) : nil
        }
        return nil
    }

    private func mail(at position: Int) -> FormattedText.Entity? {
        guard Self.isWord(units[position]) else { return nil }
        var end = position
        while end < units.count, Self.isWord(units[end]) || ".+-".utf16.contains(units[end]) { end += 1 }
        guard end < units.count, units[end] == unit("@") else { return nil }
        let host = end + 1
        end = host
        while end < units.count, Self.isWord(units[end]) || ".-".utf16.contains(units[end]) { end += 1 }
        while end > host, units[end - 1] == unit(".") { end -= 1 }
        guard units[host..<end].contains(unit(".")) else { return nil }
        return make("email", position, end - position)
    }

    private func word(from start: Int) -> Int {
        var end = start
        while end < units.count, Self.isWord(units[end]) { end += 1 }
        return end - start
    }

    private func make(_ type: String, _ offset: Int, _ length: Int) -> FormattedText.Entity {
        FormattedText.Entity(type: type, offset: offset, length: length)
    }

    private func unit(_ character: Unicode.Scalar) -> UInt16 { UInt16(truncatingIfNeeded: character.value) }

    private static func isSpace(_ unit: UInt16) -> Bool {
        Unicode.Scalar(unit)?.properties.isWhitespace ?? false
    }

    private static func isWord(_ unit: UInt16) -> Bool {
        guard let scalar = Unicode.Scalar(unit) else { return false }
        return scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
}
