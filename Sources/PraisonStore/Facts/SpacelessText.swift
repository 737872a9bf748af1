/// Text of scripts that have no spaces between words, cut so that an index of words finds what is in it: into pairs of
/// neighbouring letters, as search engines do that have no dictionary.
///
/// Source: https://lucene.apache.org/core/9_0_0/analysis/common/org/apache/lucene/analysis/cjk/CJKBigramFilter.html
enum SpacelessText {
    /// The stretches of such letters. Marks above and below them are left out, for SQLite takes them for gaps.
    static func runs(in text: some StringProtocol) -> [[Unicode.Scalar]] {
        var runs: [[Unicode.Scalar]] = []
        var run: [Unicode.Scalar] = []
        for scalar in text.unicodeScalars {
            if isSpaceless(scalar) {
                if scalar.properties.isAlphabetic, scalar.properties.generalCategory != .nonspacingMark {
                    run.append(scalar)
                }
            } else if !run.isEmpty {
                runs.append(run)
                run = []
            }
        }
        return run.isEmpty ? runs : runs + [run]
    }

    /// Pairs of the text, with spaces between them, and the last letter of each stretch, which begins none. Empty for
    /// other scripts.
    static func pairs(in text: String) -> String {
        runs(in: text).flatMap { run in run.indices.map { word(run[$0..<min($0 + 2, run.count)]) } }
            .joined(separator: " ")
    }

    static func word(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var word = ""
        word.unicodeScalars.append(contentsOf: scalars)
        return word
    }

    /// Thai and Lao, Burmese, Khmer, kana, Chinese characters, Hangul.
    static func isSpaceless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3040...0xD7AF, 0xF900...0xFAFF, 0x2_0000...0x3_FFFF:
            true
        default: false
        }
    }
}
