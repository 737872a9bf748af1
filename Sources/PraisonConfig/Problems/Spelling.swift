/// Finds the word that was probably meant.
enum Spelling {
    /// The known word nearest to `word`, if it is near enough and no other is equally near.
    ///
    /// - Parameter letters: of how many one may be wrong; one may be in any case.
    static func suggestion(
        for word: String, among known: some Sequence<String>, oneWrongIn letters: Int = 3
    ) -> String? {
        // Nobody means a word this long, and the comparison below is quadratic.
        guard word.utf8.count <= 64 else { return nil }
        let wanted = normalised(word)
        var best: (word: String, distance: Int)?
        var isTied = false
        for candidate in Set(known).sorted() where candidate != word {
            let distance = distance(wanted, normalised(candidate))
            // A letter for another letter is a word for another word.
            guard distance <= max(1, wanted.count / letters), distance < wanted.count else { continue }
            if let found = best, distance >= found.distance {
                isTied = isTied || distance == found.distance
            } else {
                best = (candidate, distance)
                isTied = false
            }
        }
        return isTied ? nil : best?.word
    }

    /// Case and the choice between `-`, `_` and nothing are not what makes two keys differ.
    private static func normalised(_ word: String) -> [UInt8] {
        word.lowercased().utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: " ") }
    }

    /// Insertions, deletions, substitutions and swaps of neighbours that turn one into the other
    /// (Damerau–Levenshtein, each piece changed once).
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 1...left.count {
            var current = [row]
            current.reserveCapacity(right.count + 1)
            for column in 1...right.count {
                let substitution = last[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1)
                var least = min(last[column] + 1, current[column - 1] + 1, substitution)
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    least = min(least, beforeLast[column - 2] + 1)
                }
                current.append(least)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
