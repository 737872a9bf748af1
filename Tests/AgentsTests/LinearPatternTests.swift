import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite(.timeLimit(.minutes(1))) struct `a pattern` {
    private func found(_ pattern: String, _ text: String) throws -> [String] {
        try LinearPattern(pattern).ranges(in: text).map { String(text[$0]) }
    }

    @Test(
        arguments: [
            ("a+b", "xaab ab b", ["aab", "ab"]), ("colou?r", "color colour", ["color", "colour"]),
            ("cat|dog", "dogcat", ["dog", "cat"]), ("[0-9]{3}-\\d{4}", "555-1234 55-1", ["555-1234"]),
            ("\\bword\\b", "word sword words word.", ["word", "word"]), ("^x", "x\nxx", ["x", "x"]),
            ("x$", "xx\nx", ["x", "x"]),
            ("(?i)SeCret", "my secret SECRET", ["secret", "SECRET"]), ("[^a-c]+", "abxyzc", ["xyz"]),
            ("a.c", "abc a\nc aéc", ["abc", "aéc"]), ("<.*?>", "<a><b>", ["<a>", "<b>"]),
            ("<.*>", "<a><b>", ["<a><b>"]),
            ("(ab|a)(bc)?", "abc", ["ab"]), ("x{2,}", "x xx xxx", ["xx", "xxx"]), ("a{0}b", "ab", ["b"]),
            ("[\\d.]+", "v1.2.3", ["1.2.3"]), ("[]x]", "]", ["]"]), ("a{x", "a{x", ["a{x"]), ("\\.", "a.b", ["."]),
            ("é+", "ééa", ["éé"]), ("(?:a|)b", "b ab", ["b", "ab"]), ("\\W", "a b", [" "]), ("[\\S]", " a", ["a"]),
        ] as [(String, String, [String])])
    func `finds what it says`(_ pattern: String, _ text: String, _ expected: [String]) throws {
        #expect(try found(pattern, text) == expected)
    }

    @Test(arguments: [
        "(", ")", "[a", "*", "a**b)", "\\", "(?=a)", "(?<n>a)", "\\1", "\\p{L}", "a{3,1}", "a{999}", "[z-a]", "a++",
        "((a{200}){200}){200}",
    ])
    func `that can't be read says why`(_ pattern: String) {
        let error = #expect(throws: LinearPattern.Failure.self) { try LinearPattern(pattern) }
        #expect(error?.description.isEmpty == false)
    }

    /// What takes others longer than the universe is old.
    @Test(arguments: ["(a+)+$", "(a|aa)+$", "(.*a){12}$", "(a?){50}a{50}", "^(([a-z])+.)+[A-Z]([a-z])+$"])
    func `takes no longer than its text is long`(_ pattern: String) throws {
        let text = String(repeating: "a", count: 4000) + "!"
        _ = try LinearPattern(pattern).matches(text)
    }

    @Test func `survives anything that is given to it`() {
        let entropy = SeededEntropy(seed: 3)
        let letters = Array("ab|()[]{}*+?\\^$.-,0d1é")
        for _ in 0..<3000 {
            let pattern = String(entropy.bytes(12).map { letters[Int($0) % letters.count] })
            _ = try? LinearPattern(pattern).ranges(in: "aab(b)[0]é1d\nba")
        }
    }
}
