import PraisonCore

/// Finds what identifies people: addresses and numbers whose form, and where there is one whose check digit, is right.
enum PersonalData {
    private static let email = pattern(#"[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,6}"#)
    private static let phone = pattern(#"\+?\(?\d[\d ()./-]{6,22}\d"#)
    private static let card = pattern(#"\d([ -]?\d){12,18}"#)
    private static let iban = pattern(#"\b[a-z]{2}\d{2}( ?[a-z0-9]){11,30}"#)
    private static let address = pattern(#"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b"#)
    private static let longAddress = pattern(#"[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,8}(:\d{1,3}(\.\d{1,3}){3})?"#)

    private static func pattern(_ text: String) -> LinearPattern? { try? LinearPattern(text, ignoringCase: true) }

    static func ranges(
        of kinds: Set<GuardrailSettings.PersonalDataKind>, in text: String
    ) throws(LinearPattern.TooLong) -> [Range<String.Index>] {
        var found: [Range<String.Index>] = []
        for kind in GuardrailSettings.PersonalDataKind.allCases where kinds.contains(kind) {
            found += try ranges(of: kind, in: text)
        }
        return found
    }

    private static func ranges(
        of kind: GuardrailSettings.PersonalDataKind, in text: String
    ) throws(LinearPattern.TooLong) -> [Range<String.Index>] {
        func ranges(_ pattern: LinearPattern?) throws(LinearPattern.TooLong) -> [Range<String.Index>] {
            try pattern?.ranges(in: text) ?? []
        }
        switch kind {
        case .email: return try ranges(email)
        case .phone: return try ranges(phone).map { withoutDates(text, $0) }.filter { isPhone(text[$0]) }
        case .card: return try ranges(card).filter { isCard(text[$0]) }
        case .iban: return try ranges(iban).compactMap { trimmedIBAN(text, $0) }
        case .ip:
            return try ranges(address).filter { isAddress(text[$0]) }
                + ranges(longAddress).compactMap { trimmedLongAddress(text, $0) }
        }
    }

    /// Dates and prices have fewer digits than a number with its area code.
    private static func isPhone(_ text: Substring) -> Bool {
        let digits = text.filter(\.isWholeNumber).count
        return (text.hasPrefix("+") || text.hasPrefix("00") ? 8...15 : 9...15).contains(digits) && !isCard(text)
            && !isAddress(text)
    }

    /// A number without the dates before and behind it, and the hours of those.
    private static func withoutDates(_ text: String, _ range: Range<String.Index>) -> Range<String.Index> {
        var words = text[range].split(separator: " ")
        guard words.contains(where: isDate) else { return range }
        while let first = words.first, isDate(first) {
            words.removeFirst()
            if let hour = words.first, hour.utf8.count <= 2, words.count == 1 { words.removeFirst() }
        }
        while let last = words.last, isDate(last) { words.removeLast() }
        guard let first = words.first, let last = words.last else { return range.lowerBound..<range.lowerBound }
        return first.startIndex..<last.endIndex
    }

    /// `2026-11-26`, `26.11.2026`, `11/26/2026`.
    private static func isDate(_ word: Substring) -> Bool {
        let parts = word.split(omittingEmptySubsequences: false) { "-/.".contains($0) }.map { Int($0) ?? -1 }
        guard parts.count == 3, let year = parts.first(where: { (1900...2199).contains($0) }) else { return false }
        let others = parts.filter { $0 != year }.sorted()
        return (parts[0] == year || parts[2] == year) && others.count == 2 && (1...12).contains(others[0])
            && (1...31).contains(others[1])
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
            let number = text[range.lowerBound..<end]
            if number.last != " ", isIBAN(number) { return range.lowerBound..<end }
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

    /// RFC 4291 §2.2, without what may stand at its end as part of the sentence. `nil` for a time and the like.
    private static func trimmedLongAddress(_ text: String, _ range: Range<String.Index>) -> Range<String.Index>? {
        if let before = text[..<range.lowerBound].last, before.isLetter || before.isNumber { return nil }
        var end = range.upperBound
        while text[range.lowerBound..<end].last == ":", !text[range.lowerBound..<end].hasSuffix("::") {
            end = text.index(before: end)
        }
        if let after = text[end...].first, after.isLetter || after.isNumber { return nil }
        return isLongAddress(text[range.lowerBound..<end]) ? range.lowerBound..<end : nil
    }

    private static func isLongAddress(_ text: Substring) -> Bool {
        let halves = String(text).split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return false }
        var count = 0
        for half in halves where !half.isEmpty {
            let groups = half.split(separator: ":", omittingEmptySubsequences: false)
            for (index, group) in groups.enumerated() {
                if index == groups.count - 1, group.contains(".") {
                    guard isAddress(group) else { return false }
                    count += 2
                } else {
                    guard (1...4).contains(group.count) else { return false }
                    count += 1
                }
            }
        }
        // `::` alone stands for no address, and in programs for much else; short ones are names of things.
        return halves.count == 2 ? (2...7).contains(count) || text == "::1" : count == 8
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
