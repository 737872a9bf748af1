/// How people are told that something is not said, in the language they write in as far as a few words of it tell.
enum RefusalWords {
    static func text(answering question: String) -> String { words[language(of: question)] ?? english }

    private static let english = "I can't help with that here."

    private static let words = [
        "de": "Dabei kann ich hier nicht helfen.", "fr": "Je ne peux pas vous aider à ce sujet ici.",
        "es": "No puedo ayudar con eso aquí.", "it": "Qui non posso aiutarti in questo.",
        "pt": "Não posso ajudar com isso aqui.", "nl": "Daar kan ik hier niet mee helpen.",
        "pl": "Nie mogę w tym tutaj pomóc.", "tr": "Bu konuda burada yardımcı olamam.",
        "ru": "С этим я здесь помочь не могу.", "uk": "Із цим я тут допомогти не можу.",
        "zh": "抱歉，我不能在这里协助处理这个问题。", "ja": "申し訳ありませんが、ここではお手伝いできません。",
        "ko": "죄송하지만 여기서는 도와드릴 수 없습니다.", "ar": "عذرًا، لا يمكنني المساعدة في ذلك هنا.",
        "hi": "क्षमा करें, मैं यहाँ इसमें मदद नहीं कर सकता।", "el": "Δεν μπορώ να βοηθήσω με αυτό εδώ.",
        "he": "אני לא יכול לעזור בזה כאן.",
    ]

    /// Common words that other languages don't have.
    private static let markers: [(language: String, words: Set<Substring>)] = [
        ("de", ["ich", "und", "nicht", "ist", "das", "mir", "wie", "kannst", "bitte", "eine", "dein", "deine"]),
        ("fr", ["je", "vous", "est", "pas", "les", "une", "dans", "pour", "votre", "moi", "quel", "quelle"]),
        ("es", ["el", "que", "los", "por", "una", "para", "mi", "puedes", "cuál", "tu", "cómo", "está"]),
        ("it", ["che", "il", "di", "per", "puoi", "sono", "mio", "qual", "come", "questo", "della"]),
        ("pt", ["você", "não", "uma", "os", "meu", "minha", "pode", "qual", "isso", "para", "está"]),
        ("nl", ["het", "een", "ik", "niet", "van", "je", "mijn", "kun", "wat", "jouw"]),
        ("pl", ["nie", "jest", "się", "czy", "jak", "mi", "proszę", "co", "moje"]),
        ("tr", ["bir", "ve", "bu", "için", "nedir", "bana", "mı", "mi", "lütfen"]),
        ("en", ["the", "is", "you", "your", "my", "and", "what", "me", "please", "to", "of", "a"]),
    ]

    private static func language(of text: String) -> String {
        var counts: [String: Int] = [:]
        for scalar in text.unicodeScalars.prefix(2000) {
            if let language = script(of: scalar) { counts[language, default: 0] += 1 }
        }
        // Kana among Chinese characters make it Japanese.
        if counts["ja", default: 0] > 0 { return "ja" }
        if let most = counts.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }), most.value > 2 {
            if most.key == "ru", text.contains(where: { "іїєґІЇЄҐ".contains($0) }) { return "uk" }
            return most.key
        }
        let list = text.lowercased().prefix(2000).split { !$0.isLetter }
        let scores = markers.map { marker in (marker.language, list.count { marker.words.contains($0) }) }
        guard let best = scores.max(by: { $0.1 < $1.1 }), best.1 > 0 else { return "en" }
        // Where several fit equally, English does no harm.
        return scores.count { $0.1 == best.1 } > 1 ? "en" : best.0
    }

    private static func script(of scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0x0370...0x03FF: "el"
        case 0x0400...0x04FF: "ru"
        case 0x0590...0x05FF: "he"
        case 0x0600...0x06FF: "ar"
        case 0x0900...0x097F: "hi"
        case 0x3040...0x30FF: "ja"
        case 0x4E00...0x9FFF: "zh"
        case 0xAC00...0xD7AF: "ko"
        default: nil
        }
    }
}
