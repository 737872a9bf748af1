/// Reads a regular expression into a program for ``LinearPattern``.
struct PatternParser {
    private static let maximumDepth = 50
    private static let maximumRepeat = 200

    /// The expression as a tree, from which pieces can be written as often as `{m,n}` wants them.
    private indirect enum Node {
        case empty
        case one(LinearPattern.Instruction)
        case sequence([Node])
        case choice([Node])
        case repeated(Node, least: Int, most: Int?, isLazy: Bool)
    }

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0
    private(set) var ignoresCase: Bool

    init(_ pattern: String, ignoringCase: Bool) {
        scalars = Array(pattern.unicodeScalars)
        ignoresCase = ignoringCase
    }

    mutating func program() throws(LinearPattern.Failure) -> [LinearPattern.Instruction] {
        if scalars.starts(with: Array("(?i)".unicodeScalars)) {
            ignoresCase = true
            position = 4
        }
        let tree = try choice()
        guard position == scalars.count else { throw failure("a ) without its (") }
        var program: [LinearPattern.Instruction] = []
        try write(tree, to: &program)
        program.append(.match)
        return program
    }

    private func failure(_ words: String) -> LinearPattern.Failure {
        LinearPattern.Failure(description: "\(words), at character \(position + 1)")
    }

    private var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        position += 1
        return true
    }

    // MARK: Reading

    private mutating func choice() throws(LinearPattern.Failure) -> Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw failure("too many groups in one another") }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(LinearPattern.Failure) -> Node {
        var nodes: [Node] = []
        while let next = peek, next != "|", next != ")" { nodes.append(try quantified()) }
        return nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private mutating func quantified() throws(LinearPattern.Failure) -> Node {
        var node = try atom()
        while let bounds = try quantifier() {
            let isLazy = take("?")
            guard !take("+") else { throw failure("possessive repetition is not offered") }
            node = .repeated(node, least: bounds.least, most: bounds.most, isLazy: isLazy)
        }
        return node
    }

    private mutating func quantifier() throws(LinearPattern.Failure) -> (least: Int, most: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard peek == "{" else { return nil }
        let start = position
        position += 1
        let least = number()
        let isRange = take(",")
        let most = isRange ? number() : least
        guard take("}"), least != nil || most != nil else {
            position = start
            return nil
        }
        let bounds = (least: least ?? 0, most: isRange ? most : least)
        guard bounds.least <= Self.maximumRepeat, bounds.most ?? 0 <= Self.maximumRepeat,
            bounds.most.map({ $0 >= bounds.least }) ?? true
        else { throw failure("a repetition of more than \(Self.maximumRepeat) times, or the wrong way round") }
        return bounds
    }

    private mutating func number() -> Int? {
        var digits = ""
        while let next = peek, ("0"..."9").contains(next), digits.count < 6 {
            digits.unicodeScalars.append(next)
            position += 1
        }
        return Int(digits)
    }

    private mutating func atom() throws(LinearPattern.Failure) -> Node {
        guard let scalar = peek else { return .empty }
        position += 1
        switch scalar {
        case "(":
            if take("?") {
                guard take(":") else { throw failure("of the groups with (? only (?: is offered") }
            }
            let inner = try choice()
            guard take(")") else { throw failure("a ( without its )") }
            return inner
        case "[": return .one(.scalars(try set()))
        case ".": return .one(.any)
        case "^": return .one(.start)
        case "$": return .one(.end)
        case "\\": return .one(try escape())
        case "*", "+", "?": throw failure("nothing to repeat before \(scalar)")
        default: return .one(.scalars(letters(ScalarSet(scalar))))
        }
    }

    private func letters(_ set: ScalarSet) -> ScalarSet { ignoresCase ? set.folded : set }

    private mutating func escape() throws(LinearPattern.Failure) -> LinearPattern.Instruction {
        guard let scalar = peek else { throw failure("a \\ at the end") }
        if scalar == "b" {
            position += 1
            return .wordBoundary
        }
        return .scalars(try escapedSet())
    }

    /// What follows a backslash, as a set.
    private mutating func escapedSet() throws(LinearPattern.Failure) -> ScalarSet {
        guard let scalar = peek else { throw failure("a \\ at the end") }
        position += 1
        func opposite(_ set: ScalarSet) -> ScalarSet { ScalarSet(set.ranges, isNegated: true) }
        switch scalar {
        case "d": return .digit
        case "D": return opposite(.digit)
        case "w": return .word
        case "W": return opposite(.word)
        case "s": return .space
        case "S": return opposite(.space)
        case "n": return ScalarSet("\n")
        case "r": return ScalarSet("\r")
        case "t": return ScalarSet("\t")
        case let other where other.isASCII && (other.properties.isAlphabetic || ("0"..."9").contains(other)):
            throw failure("\\\(other) is not offered")
        default: return letters(ScalarSet(scalar))
        }
    }

    private mutating func set() throws(LinearPattern.Failure) -> ScalarSet {
        let isNegated = take("^")
        var set = ScalarSet([])
        var isFirst = true
        while true {
            guard let scalar = peek else { throw failure("a [ without its ]") }
            if scalar == "]", !isFirst { break }
            isFirst = false
            position += 1
            if scalar == "\\" {
                set.formUnion(try escapedSet())
                continue
            }
            guard peek == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                set.formUnion(letters(ScalarSet(scalar)))
                continue
            }
            position += 1
            guard let end = peek, end != "\\", end.value >= scalar.value else {
                throw failure("a range the wrong way round")
            }
            position += 1
            set.formUnion(letters(ScalarSet([scalar.value...end.value])))
        }
        position += 1
        set.isNegated = isNegated
        return set
    }

    // MARK: Writing

    private func write(_ node: Node, to program: inout [LinearPattern.Instruction]) throws(LinearPattern.Failure) {
        guard program.count <= LinearPattern.maximumSize else {
            throw LinearPattern.Failure(description: "the expression is too large")
        }
        switch node {
        case .empty: break
        case .one(let instruction): program.append(instruction)
        case .sequence(let nodes): for node in nodes { try write(node, to: &program) }
        case .choice(let branches):
            var ends: [Int] = []
            for (index, branch) in branches.enumerated() {
                guard index + 1 < branches.count else {
                    try write(branch, to: &program)
                    break
                }
                let split = program.count
                program.append(.split(split + 1, 0))
                try write(branch, to: &program)
                ends.append(program.count)
                program.append(.jump(0))
                program[split] = .split(split + 1, program.count)
            }
            for end in ends { program[end] = .jump(program.count) }
        case .repeated(let inner, let least, let most, let isLazy):
            for _ in 0..<least { try write(inner, to: &program) }
            guard let most else {
                let split = program.count
                program.append(.split(0, 0))
                try write(inner, to: &program)
                program.append(.jump(split))
                program[split] = fork(split + 1, program.count, isLazy)
                return
            }
            var splits: [Int] = []
            for _ in least..<max(most, least) {
                splits.append(program.count)
                program.append(.split(0, 0))
                try write(inner, to: &program)
            }
            for split in splits { program[split] = fork(split + 1, program.count, isLazy) }
        }
    }

    private func fork(_ inside: Int, _ outside: Int, _ isLazy: Bool) -> LinearPattern.Instruction {
        isLazy ? .split(outside, inside) : .split(inside, outside)
    }
}
