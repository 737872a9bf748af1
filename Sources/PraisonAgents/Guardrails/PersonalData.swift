import PraisonCore

/// Finds what identifies people: addresses and numbers whose form, and where there is one whose check digit, is right.
enum PersonalData {
    private static let email = pattern(#"[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,6}"#)
    private static let phone = pattern(#"\+?\(?\d[\d ()./-]{6,22}\d"#)
    private static let card = pattern(#"\d([ -]?\d){12,18}"#)
    private static let iban = pattern(#"\b[a-z]{2}\d{2}( ?[a-z0-9]){11,30}"#)
    private static let address = pattern(#"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b"#)

    private static func pattern(_ text: String) -> LinearPattern? { try? LinearPattern(text, ignoringCase: true) }

    static func ranges(of kinds: Set<GuardrailSettings.PersonalDataKind>, in text: String) -> [Range<String.Index>] {
        GuardrailSettings.PersonalDataKind.allCases.filter(kinds.contains).flatMap { ranges(of: $0, in: text) }
    }

    private static func ranges(of kind: GuardrailSettings.PersonalDataKind, in text: String) -> [Range<String.Index>] {
        switch kind {
        case .email: email?.ranges(in: text) ?? []
        case .phone: (phone?.ranges(in: text) ?? []).filter { isPhone(text[$0]) }
        case .card: (card?.ranges(in: text) ?? []).filter { isCard(text[$0]) }
        case .iban: (iban?.ranges(in: text) ?? []).compactMap { trimmedIBAN(text, $0) }
        case .ip: (address?.ranges(in: text) ?? []).filter { isAddress(text[$0]) }
        }
    }

    /// Dates and prices have fewer digits than a number with its area code.
    private static func isPhone(_ text: Substring) -> Bool {
        let digits = text.filter(\.isWholeNumber).count
        return (text.hasPrefix("+") || text.hasPrefix("00") ? 8...15 : 9...15).contains(digits) && !isCard(text)
            && !isAddress(text)
    }

    /// The last digit makes Luhn's sum a multiple of ten.
    private static func isCard(_ text: Substring) -> Bool {
        let digits = text.compactMap(\.wholeNumberValue)
        guard (13...19).contains(digits.count), Set(digits).count > 1 else { return false }
        let sum = digits.reversed().enumerated().reduce(0) { sum, digit in
            let doubled = digit.offset % 2 == 1 ? digit.element * 2 : digit.element
            return sum + (doubled > 9 ? doubled - 9 : doubled)
        }
        return sum % 10 == 0
    }

    /// An account number ends where its check digits are right: what follows may be the next word.
    private static func trimmedIBAN(_ text: String, _ range: Range<String.Index>) -> Range<String.Index>? {
        var end = range.upperBound
        while end > range.lowerBound {
            if isIBAN(text[range.lowerBound..<end]) { return range.lowerBound..<end }
            end = text.index(before: end)
        }
        return nil
    }

    /// ISO 13616: the number with its first four characters at the end, letters as two digits, is 1 modulo 97.
    private static func isIBAN(_ text: Substring) -> Bool {
        let plain = text.filter { $0 != " " }.uppercased()
        guard (15...34).contains(plain.count) else { return false }
        var rest = 0
        for character in plain.dropFirst(4) + plain.prefix(4) {
            guard let value = character.hexOrLetterValue else { return false }
            rest = (rest * (value > 9 ? 100 : 10) + value) % 97
        }
        return rest == 1
    }

    private static func isAddress(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".")
        return parts.count == 4 && parts.allSatisfy { Int($0).map { $0 <= 255 } ?? false }
    }
}

extension Character {
    /// 0 to 9 for digits, 10 to 35 for letters.
    fileprivate var hexOrLetterValue: Int? {
        guard let ascii = asciiValue else { return nil }
        if (0x30...0x39).contains(ascii) { return Int(ascii) - 0x30 }
        return (0x41...0x5A).contains(ascii) ? Int(ascii) - 0x41 + 10 : nil
    }
}
