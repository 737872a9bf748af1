/// A regular expression that takes time in proportion to the text, whatever the expression: all ways to match are followed
/// at once, and none is ever tried twice at the same place.
///
/// Literals, `.`, classes (`[a-z]`, `[^…]`, `\d \w \s` and their opposites), groups, `|`, `* + ? {m,n}` and their lazy
/// forms, `^ $ \b`, and `(?i)` at the start. No back-references and no look-around: they are what makes others slow.
///
/// Source: https://swtch.com/~rsc/regexp/regexp2.html
struct LinearPattern: Sendable {
    struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        var description: String
    }

    /// Instructions of the largest expression.
    static let maximumSize = 4000
    /// Scalars of the longest text that is looked at.
    static let maximumText = 1 << 20
    /// What all searches of one text together may read, as multiples of it; more is read only where many matches each
    /// look far ahead.
    private static let maximumReading = 16

    /// A text can't be searched to its end within reasonable time.
    struct TooLong: Error, Hashable, Sendable, CustomStringConvertible {
        var description: String { "too long to be checked" }
    }

    enum Instruction: Sendable {
        case scalars(ScalarSet)
        case any
        case start, end, wordBoundary
        /// Where a word of a script with spaces begins or ends; others of its text may stand beside it.
        case wordEdge
        /// Goes on at both places; the first is preferred.
        case split(Int, Int)
        case jump(Int)
        case match
    }

    private let program: [Instruction]
    private let ignoresCase: Bool

    init(_ pattern: String, ignoringCase: Bool = false) throws(Failure) {
        var parser = PatternParser(pattern, ignoringCase: ignoringCase)
        program = try parser.program()
        ignoresCase = parser.ignoresCase
    }

    /// A program that was not written as an expression.
    init(_ program: [Instruction], ignoringCase: Bool) {
        self.program = program
        ignoresCase = ignoringCase
    }

    func matches(_ text: String) throws(TooLong) -> Bool { try !ranges(in: text, limit: 1).isEmpty }

    /// The places that match, from left to right, none in another.
    ///
    /// - Parameter skipsUnseen: whether scalars that nobody sees count as not there.
    func ranges(in text: String, skippingUnseen skipsUnseen: Bool = false, limit: Int = .max) throws(TooLong)
        -> [Range<String.Index>]
    {
        let scalars = text.unicodeScalars
        // A scalar has at most four bytes; what is longer need not be taken apart to know.
        guard text.utf8.count <= Self.maximumText * 4 else { throw TooLong() }
        var indices = Array(scalars.indices)
        guard indices.count <= Self.maximumText else { throw TooLong() }
        if skipsUnseen { indices.removeAll { Self.isUnseen(scalars[$0]) } }
        var input = indices.map { scalars[$0] }
        if ignoresCase { input = input.map(Self.folded) }
        var found: [Range<String.Index>] = []
        var position = 0
        var reading = Self.maximumReading * (input.count + 4096)
        while position <= input.count, found.count < limit {
            let match = firstMatch(in: input, from: position, reading: &reading)
            guard reading > 0 else { throw TooLong() }
            guard let match else { break }
            if !match.isEmpty {
                found.append(indices[match.lowerBound]..<scalars.index(after: indices[match.upperBound - 1]))
            }
            position = match.isEmpty ? match.upperBound + 1 : match.upperBound
        }
        return found
    }

    /// Scalars without a look of their own: joiners, marks of direction, soft hyphens, variation selectors.
    static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
        !scalar.isASCII
            && (scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.generalCategory == .format)
    }

    static func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar.isASCII {
            return (0x41...0x5A).contains(scalar.value) ? Unicode.Scalar(UInt8(scalar.value) + 0x20) : scalar
        }
        let lower = scalar.properties.lowercaseMapping.unicodeScalars
        return lower.count == 1 ? lower.first ?? scalar : scalar
    }

    // MARK: Following all ways at once

    /// Where the expression may be, the preferred place first, each with where its match began.
    private struct Threads {
        var list: [(place: Int, start: Int)] = []
        private var seen: [Int]
        private var generation = 0

        init(size: Int) { seen = Array(repeating: -1, count: size) }

        mutating func begin() {
            list.removeAll(keepingCapacity: true)
            generation += 1
        }

        /// - Returns: whether the place is new in this generation.
        mutating func visit(_ place: Int) -> Bool {
            guard seen[place] != generation else { return false }
            seen[place] = generation
            return true
        }
    }

    /// - Parameter reading: scalars that may be looked at; the search ends where they are used up.
    private func firstMatch(in input: [Unicode.Scalar], from first: Int, reading: inout Int) -> Range<Int>? {
        var current = Threads(size: program.count)
        var next = Threads(size: program.count)
        current.begin()
        var match: Range<Int>?
        var position = first
        while position <= input.count, reading > 0 {
            reading -= 1
            // Whoever began further left has precedence, so nobody begins once there is a match.
            if match == nil { add(0, start: position, at: position, input, to: &current) }
            if current.list.isEmpty, match != nil { break }
            next.begin()
            walk: for thread in current.list {
                switch program[thread.place] {
                case .match:
                    match = thread.start..<position
                    // The rest are less preferred ways.
                    break walk
                case .scalars(let set):
                    if position < input.count, set.contains(input[position]) {
                        add(thread.place + 1, start: thread.start, at: position + 1, input, to: &next)
                    }
                case .any:
                    if position < input.count, input[position] != "\n" {
                        add(thread.place + 1, start: thread.start, at: position + 1, input, to: &next)
                    }
                default: break
                }
            }
            swap(&current, &next)
            position += 1
        }
        return match
    }

    /// Adds the places reachable from `place` without taking a scalar.
    private func add(
        _ place: Int, start: Int, at position: Int, _ input: [Unicode.Scalar], to threads: inout Threads
    ) {
        var stack = [place]
        while let place = stack.popLast() {
            guard threads.visit(place) else { continue }
            switch program[place] {
            case .jump(let target): stack.append(target)
            case .split(let first, let second):
                stack.append(second)
                stack.append(first)
            case .start: if position == 0 || input[position - 1] == "\n" { stack.append(place + 1) }
            case .end: if position == input.count || input[position] == "\n" { stack.append(place + 1) }
            case .wordBoundary:
                let before = position > 0 && ScalarSet.word.contains(input[position - 1])
                let after = position < input.count && ScalarSet.word.contains(input[position])
                if before != after { stack.append(place + 1) }
            case .wordEdge:
                let before = position > 0 && BlockedWord.isOfSpacedScript(input[position - 1])
                let after = position < input.count && BlockedWord.isOfSpacedScript(input[position])
                if before != after { stack.append(place + 1) }
            case .scalars, .any, .match: threads.list.append((place, start))
            }
        }
    }
}

/// A class of scalars.
struct ScalarSet: Sendable {
    private(set) var ranges: [ClosedRange<UInt32>]
    var isNegated = false

    init(_ ranges: [ClosedRange<UInt32>], isNegated: Bool = false) {
        self.ranges = ranges
        self.isNegated = isNegated
    }

    init(_ scalar: Unicode.Scalar) { self.init([scalar.value...scalar.value]) }

    static let digit = ScalarSet([0x30...0x39])
    static let space = ScalarSet([0x09...0x0D, 0x20...0x20, 0x85...0x85, 0xA0...0xA0, 0x2000...0x200A, 0x2028...0x2029])
    /// Letters and digits of ASCII, `_`, and everything beyond ASCII that is neither space nor punctuation.
    static let word = ScalarSet([
        0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A, 0xAA...0xAA, 0xB5...0xB5, 0xC0...0x1FFF, 0x2C00...0x2DFF,
        0x3040...0xD7FF, 0xF900...0xFDFF, 0xFE70...0xFEFE, 0x1_0000...0x1_F1FF, 0x2_0000...0x3_FFFF,
    ])

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) } != isNegated
    }

    mutating func formUnion(_ other: ScalarSet) {
        guard other.isNegated else {
            ranges += other.ranges
            return
        }
        // The opposite of ranges, as ranges.
        var next: UInt32 = 0
        for range in other.ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { ranges.append(next...(range.lowerBound - 1)) }
            next = max(next, range.upperBound + 1)
        }
        if next <= 0x10FFFF { ranges.append(next...0x10FFFF) }
    }

    /// In small letters only, for texts that are folded.
    var folded: ScalarSet {
        var copy = self
        for range in ranges where range.upperBound <= 0x7F {
            let low = max(range.lowerBound, 0x41)
            let high = min(range.upperBound, 0x5A)
            if low <= high { copy.ranges.append((low + 0x20)...(high + 0x20)) }
        }
        if ranges.count == 1, let only = ranges.first, only.count == 1, let scalar = Unicode.Scalar(only.lowerBound) {
            let small = LinearPattern.folded(scalar).value
            copy.ranges.append(small...small)
        }
        return copy
    }
}
