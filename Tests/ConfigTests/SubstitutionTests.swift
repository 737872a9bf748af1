import Testing

@testable import PraisonConfig

@Suite struct `a variable in a text` {
    private let substitution = Substitution(environment: ["A": "1", "EMPTY": "", "B_2": "two", "TRAP": "${A}"])

    @Test(arguments: [
        ("plain", "plain"), ("${A}", "1"), ("<${A}${B_2}>", "<1two>"), ("${X:-d}", "d"), ("${A:-d}", "1"),
        ("${EMPTY:-d}", "d"), ("${EMPTY}", ""), ("${X:-}", ""), ("${X:-${B_2}}", "two"), ("${X:-a}b}", "ab}"),
        ("${X:-${Y:-${A}}}", "1"), ("$${A}", "${A}"), ("$A $ $$ $5", "$A $ $$ $5"), ("${X:-:-}", ":-"),
        ("${X:-é 😀}", "é 😀"),
    ])
    func `is replaced by its value, or by its default`(text: String, expected: String) {
        #expect(substitution.resolve(text) == .text(expected))
    }

    @Test func `is not looked for in another one's value`() {
        #expect(substitution.resolve("${TRAP}") == .text("${A}"))
    }

    @Test func `that is not set is named, and so are all others`() {
        #expect(substitution.resolve("${X} ${A} ${Y:-${Z}}") == .unset(["X", "Z"]))
    }

    @Test(arguments: ["${", "${}", "${A", "${1A}", "${A-b}", "${A:=b}", "${ A }", "${é}", "${X:-${Y}"])
    func `that is none is refused`(text: String) {
        guard case .malformed = substitution.resolve(text) else {
            Issue.record("\(text) became \(substitution.resolve(text))")
            return
        }
    }

    @Test func `is not followed for ever`() {
        let deep = String(repeating: "${X:-", count: 1000) + String(repeating: "}", count: 1000)
        #expect(substitution.resolve(deep) == .malformed("defaults of variables are nested more than 4 deep"))
    }
}

@Suite struct `a suggestion` {
    private let known = ["port", "host", "heartbeat_interval", "max_connections", "routing", "routes"]

    @Test(arguments: [
        ("prot", "port"), ("PORT", "port"), ("hearbeat-interval", "heartbeat_interval"),
        ("maxConnections", "max_connections"), ("max connections", "max_connections"), ("rooting", "routing"),
    ])
    func `is the nearest word`(word: String, expected: String) {
        #expect(Spelling.suggestion(for: word, among: known) == expected)
    }

    @Test(arguments: ["", "x", "colour", "port", String(repeating: "port", count: 100)])
    func `is not made for what is far from everything`(word: String) {
        #expect(Spelling.suggestion(for: word, among: known) == nil)
    }

    @Test func `is not made when two words are equally near`() {
        #expect(Spelling.suggestion(for: "cat", among: ["car", "cut"]) == nil)
        #expect(Spelling.suggestion(for: "b", among: ["a"]) == nil)
    }
}
