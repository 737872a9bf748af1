/// What `check --fix` makes of a file: words that are surely misspelled are replaced, tabs in the indentation become
/// spaces. Every other byte stays as it is.
///
/// A change is made only if the file has fewer problems with it than without, so that nothing is traded for another
/// mistake; whatever needs a decision is left to the person.
public struct ConfigurationRepair: Hashable, Sendable {
    /// A word before and after. Not its line: that may hold a token.
    public struct Change: Hashable, Sendable, CustomStringConvertible {
        public var line: Int
        public var before: String
        public var after: String

        /// `line 12: heartbeat_interval instead of heartbeat_intervall`
        public var description: String { "line \(line): \(excerpt(after)) instead of \(excerpt(before))" }
    }

    /// The file with its changes; the same bytes as before when there are none.
    public let bytes: [UInt8]
    /// By line.
    public let changes: [Change]

    /// - Parameter load: reads and checks the bytes of the file; its problems are what is mended.
    public init(of original: [UInt8], load: (_ bytes: [UInt8]) -> LoadedConfiguration) {
        var best = original
        var problems = load(original).problems
        for candidate in Indentation.candidates(for: original) {
            guard best == original, !problems.isEmpty else { break }
            let remaining = load(candidate).problems
            // Where lines are indented by tabs nothing else has been looked at yet.
            if remaining.count < problems.count || remaining.first?.message != problems.first?.message {
                (best, problems) = (candidate, remaining)
            }
        }
        // One after the other: two misspellings of one key must not both become that key.
        var changes = Self.changedIndentation(from: original, to: best)
        var refused: Set<ConfigurationProblem.Edit> = []
        while let edit = problems.lazy.compactMap(\.edit).first(where: { !refused.contains($0) }) {
            guard let candidate = Self.apply(edit, to: best) else {
                refused.insert(edit)
                continue
            }
            let remaining = load(candidate).problems
            if remaining.count < problems.count, Self.duplicates(remaining) <= Self.duplicates(problems) {
                (best, problems) = (candidate, remaining)
                changes.append(Change(line: edit.place.line, before: edit.old, after: edit.new))
            } else {
                refused.insert(edit)
            }
        }
        bytes = best
        self.changes = changes.sorted { $0.line < $1.line }
    }

    /// A key that is there already hides what is wrong with one of the two.
    private static func duplicates(_ problems: [ConfigurationProblem]) -> Int {
        problems.count { $0.message.hasPrefix("duplicate key") }
    }

    /// - Returns: `nil` when something else stands at the place, such as an alias.
    private static func apply(_ edit: ConfigurationProblem.Edit, to bytes: [UInt8]) -> [UInt8]? {
        guard var start = YAMLText.offset(of: edit.place, in: bytes) else { return nil }
        let quotes = [UInt8(ascii: "\""), UInt8(ascii: "'")]
        if start < bytes.count, quotes.contains(bytes[start]) { start += 1 }
        let old = Array(edit.old.utf8)
        guard bytes[start...].starts(with: old) else { return nil }
        // `host` must not be replaced in `hosts`.
        let end = start + old.count
        guard end == bytes.count || !isWordByte(bytes[end]) else { return nil }
        return bytes[..<start] + Array(edit.new.utf8) + bytes[end...]
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), 0x80...0xFF:
            true
        default: false
        }
    }

    /// No change adds or removes a line.
    private static func changedIndentation(from old: [UInt8], to new: [UInt8]) -> [Change] {
        let lines = [old, new].map { bytes in
            bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        }
        return zip(lines[0], lines[1]).enumerated().compactMap { index, pair in
            let tabs = pair.0.prefix { $0 == UInt8(ascii: "\t") }.count
            guard pair.0 != pair.1, tabs > 0 else { return nil }
            let spaces = pair.1.prefix { $0 == UInt8(ascii: " ") }.count
            return Change(
                line: index + 1, before: tabs == 1 ? "a tab" : "\(tabs) tabs",
                after: spaces == 1 ? "a space" : "\(spaces) spaces")
        }
    }
}

/// Tabs at the beginning of lines, as spaces.
private enum Indentation {
    /// The file with each tab as so many spaces as its other lines are indented by, else as two or four. None if tabs
    /// and spaces are mixed in one line: what was meant can't be known then.
    static func candidates(for bytes: [UInt8]) -> [[UInt8]] {
        let (tab, space, newline) = (UInt8(ascii: "\t"), UInt8(ascii: " "), UInt8(ascii: "\n"))
        let lines = bytes.split(separator: newline, omittingEmptySubsequences: false)
        guard lines.contains(where: { $0.first == tab }) else { return [] }
        var narrowest: Int?
        for line in lines {
            let indentation = line.prefix { $0 == space || $0 == tab }
            guard indentation.count < line.count, let first = indentation.first else { continue }
            guard indentation.allSatisfy({ $0 == first }) else { return [] }
            if first == space { narrowest = min(narrowest ?? .max, indentation.count) }
        }
        return (narrowest.map { [$0] } ?? [2, 4]).map { width in
            let mended = lines.map { line -> [UInt8] in
                let tabs = line.prefix { $0 == tab }.count
                return Array(repeating: space, count: tabs * width) + line.dropFirst(tabs)
            }
            return Array(mended.joined(separator: [newline]))
        }
    }
}
