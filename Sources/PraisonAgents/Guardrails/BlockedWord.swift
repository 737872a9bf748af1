/// A word or sign that must not occur: as a word by itself where it is written with spaces around it, anywhere where its
/// script has none or it is no word (`@everyone`, `c++`).
enum BlockedWord {
    /// - Returns: `nil` for a word of nothing that is seen, or a very long one.
    static func pattern(_ word: String) -> LinearPattern? {
        let scalars = word.unicodeScalars.filter { !LinearPattern.isUnseen($0) }.map(LinearPattern.folded)
        guard let first = scalars.first, let last = scalars.last, scalars.count < LinearPattern.maximumSize - 4 else {
            return nil
        }
        var program = scalars.map { LinearPattern.Instruction.scalars(ScalarSet($0)) }
        if isOfSpacedScript(first) { program.insert(.wordEdge, at: 0) }
        if isOfSpacedScript(last) { program.append(.wordEdge) }
        return LinearPattern(program + [.match], ignoringCase: true)
    }

    /// Whether a letter or digit belongs to words that are kept apart by spaces. Thai and its neighbours, Chinese and
    /// Japanese have none; in Korean what belongs to a word is written behind it without one.
    static func isOfSpacedScript(_ scalar: Unicode.Scalar) -> Bool {
        guard ScalarSet.word.contains(scalar) else { return false }
        return switch scalar.value {
        // Thai, Lao; Burmese; Hangul; Khmer; then everything from the radicals of Chinese on, but for the letters that
        // are written full or half as wide.
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1100...0x11FF, 0x1780...0x17FF, 0x2E80...0xD7FF, 0xF900...0xFAFF,
            0x1_B000...0x1_B16F, 0x2_0000...0x3_FFFF:
            false
        default: true
        }
    }
}
