/// The language of a short text, by its script, its letters and the common words in it.
struct WrittenLanguage: Sendable {
    /// `de`, `zh`; `en` where nothing tells.
    let code: String
    /// Whether something in the text tells it apart from others.
    let isSure: Bool

    /// Letters of a text that are looked at.
    private static let reach = 2000

    init(of text: String) {
        // Persian parts words where nothing is seen.
        let text = text.prefix(Self.reach).replacing("\u{200C}", with: " ").lowercased()
        var counts: [Script: Int] = [:]
        for scalar in text.unicodeScalars {
            if let script = Script(scalar) { counts[script, default: 0] += 1 }
        }
        // Kana among Chinese characters make it Japanese.
        if counts[.kana, default: 0] > 0 {
            (code, isSure) = ("ja", true)
            return
        }
        let most = counts.max { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }
        guard let most, most.value > 2 else {
            (code, isSure) = Self.best(in: text, among: Self.latin, otherwise: "en")
            return
        }
        switch most.key {
        case .cyrillic where text.contains(where: "јљњђћќѓџ".contains): (code, isSure) = ("en", true)
        case .cyrillic: (code, isSure) = Self.best(in: text, among: Self.cyrillic, otherwise: "ru")
        case .arabic where text.contains(where: "ٹڈڑںےہھ".contains): (code, isSure) = ("en", true)
        case .arabic: (code, isSure) = Self.best(in: text, among: Self.arabic, otherwise: "ar")
        default: (code, isSure) = (most.key.rawValue, true)
        }
    }

    /// The language with the most evidence. What several languages have counts for each of them, but less.
    private static func best(
        in text: String, among languages: [Traits], otherwise fallback: String
    ) -> (code: String, isSure: Bool) {
        let words = text.split(whereSeparator: \.isWhitespace)
            // An address is in no language.
            .filter { !$0.contains("@") && !$0.contains("/") && !$0.dropLast().contains(".") }
            .flatMap { $0.split { !$0.isLetter } }
        let letters = Set(text)
        var scores = Array(repeating: 0, count: languages.count)
        func add(_ whole: Int, where has: (Traits) -> Bool) {
            let owners = languages.indices.filter { has(languages[$0]) }
            for owner in owners { scores[owner] += whole / owners.count }
        }
        for word in words { add(120) { $0.words.contains(String(word)) } }
        for letter in letters { add(180) { $0.letters.contains(letter) } }
        guard let most = scores.max(), most > 0 else { return (fallback, false) }
        let winners = languages.indices.filter { scores[$0] == most }
        return winners.count == 1 ? (languages[winners[0]].code, true) : (fallback, false)
    }
}

/// Scripts that tell more than Latin does. Named after the language where there is one.
private enum Script: String {
    case greek = "el"
    case cyrillic
    case hebrew = "he"
    case arabic
    case devanagari = "hi"
    case thai = "th"
    case kana = "ja"
    case han = "zh"
    case hangul = "ko"

    init?(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x0370...0x03FF: self = .greek
        case 0x0400...0x04FF: self = .cyrillic
        case 0x0590...0x05FF: self = .hebrew
        case 0x0600...0x06FF: self = .arabic
        case 0x0900...0x097F: self = .devanagari
        case 0x0E00...0x0E7F: self = .thai
        case 0x3040...0x30FF: self = .kana
        case 0x4E00...0x9FFF: self = .han
        case 0xAC00...0xD7AF: self = .hangul
        default: return nil
        }
    }
}
