import PraisonCore

/// How people are told that something is not said, in the language they write in as far as a few words of it tell.
enum RefusalWords {
    /// Earlier messages that are looked at where the question alone tells nothing.
    private static let maximumEarlier = 24
    /// What is remembered of a message that was refused.
    static let withheld = "(a message that broke a rule)"

    /// - Parameter history: what was said before; the person's newest words count where the question's don't tell, and
    ///   so does what they were refused in.
    static func text(answering question: String, after history: [ChatMessage] = []) -> String {
        // What is passed on or attached is not how the person writes.
        let question = WrittenLanguage(of: Fence.outside(of: question))
        if question.isSure { return words[question.code] ?? english }
        for message in history.reversed().prefix(maximumEarlier) {
            if message.role == .assistant, words.values.contains(message.text) { return message.text }
            guard message.role == .user, message.text != withheld else { continue }
            let language = WrittenLanguage(of: Fence.outside(of: message.text))
            if language.isSure { return words[language.code] ?? english }
        }
        return words[question.code] ?? english
    }

    private static let english = "I can't help with that here."

    private static let words = [
        "de": "Dabei kann ich hier nicht helfen.", "fr": "Je ne peux pas vous aider à ce sujet ici.",
        "es": "No puedo ayudar con eso aquí.", "it": "Qui non posso aiutarti in questo.",
        "pt": "Não posso ajudar com isso aqui.", "nl": "Daar kan ik hier niet mee helpen.",
        "pl": "Nie mogę w tym tutaj pomóc.", "tr": "Bu konuda burada yardımcı olamam.",
        "sv": "Det kan jag tyvärr inte hjälpa till med här.", "da": "Det kan jeg desværre ikke hjælpe med her.",
        "no": "Det kan jeg dessverre ikke hjelpe med her.", "fi": "Valitettavasti en voi auttaa tässä asiassa.",
        "cs": "S tím tady bohužel nemohu pomoci.", "ro": "Îmi pare rău, nu pot ajuta cu asta aici.",
        "hu": "Ebben itt sajnos nem tudok segíteni.", "vi": "Xin lỗi, tôi không thể giúp việc này ở đây.",
        "id": "Maaf, saya tidak bisa membantu soal itu di sini.",
        "th": "ขออภัย ฉันไม่สามารถช่วยเรื่องนี้ที่นี่ได้",
        "ru": "С этим я здесь помочь не могу.", "uk": "Із цим я тут допомогти не можу.",
        "bg": "Съжалявам, тук не мога да помогна с това.",
        "zh": "抱歉，我不能在这里协助处理这个问题。", "ja": "申し訳ありませんが、ここではお手伝いできません。",
        "ko": "죄송하지만 여기서는 도와드릴 수 없습니다.", "ar": "عذرًا، لا يمكنني المساعدة في ذلك هنا.",
        "fa": "متأسفم، اینجا نمی‌توانم در این مورد کمک کنم.",
        "hi": "क्षमा करें, मैं यहाँ इसमें मदद नहीं कर सकता।", "el": "Δεν μπορώ να βοηθήσω με αυτό εδώ.",
        "he": "אני לא יכול לעזור בזה כאן.",
    ]
}
