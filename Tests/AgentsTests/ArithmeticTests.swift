import Testing

@testable import PraisonAgents

@Suite struct `a sum` {
    @Test(arguments: [
        ("1+1", "2"), ("2 + 3 * 4", "14"), ("(2+3)*4", "20"), ("12 * (3 + 4)", "84"), ("7-10", "-3"), ("-3 - -4", "1"),
        ("0.1 + 0.2", "0.3"), ("1/4", "0.25"), ("10/2/5", "1"), ("2^10", "1024"), ("2**3**2", "512"), ("-2^2", "-4"),
        ("2^-2", "0.25"), ("1,234 + 1", "1235"), ("1,000,000 * 2", "2000000"), (".5*4", "2"), ("15% of 80", "12"),
        ("50%*3", "1.5"), ("6 times 7", "42"), ("10 divided by 4", "2.5"), ("3 × 4 ÷ 2", "6"), ("5 − 2", "3"),
        ("99999999999999999 * 99999999999999999", "9999999999999999800000000000000001"), ("1/3*3", "1"),
        ("0 - 0", "0"), ("3 x 4", "12"), ("0.50 + 0", "0.5"), ("-0.5+0.25", "-0.25"),
    ])
    func `comes out exactly`(_ sum: String, _ value: String) {
        #expect(Arithmetic.answer(sum) == .value(value, isExact: true))
    }

    @Test(arguments: [("1/3", "0.333333333333"), ("2/3", "0.666666666666"), ("22/7", "3.142857142857")])
    func `without end is cut`(_ sum: String, _ value: String) {
        #expect(Arithmetic.answer(sum) == .value(value, isExact: false))
    }

    @Test(arguments: ["1/0", "5/(2-2)", "0^-1", "0/0"])
    func `divided by zero has no answer`(_ sum: String) { #expect(Arithmetic.answer(sum) == .divisionByZero) }

    @Test(arguments: [
        "2^200", "9^9^9", "2^0.5", "99999999999999999999 * 99999999999999999999", "2^99999999999999999999999999",
        "1234567890123456789012345678901234567890123 + 1",
    ])
    func `beyond all limits is refused`(_ sum: String) { #expect(Arithmetic.answer(sum) == .tooLarge) }

    @Test(arguments: [
        "", "12", "-5", "hello", "1 + x", "1 +", "* 2", "(1 + 2", "1 + 2)", "1 2 + 3", "1..2 + 1", "1,23 + 4",
        "2 +", "1/0 hello", "+49 30 1234567", "5 %% 2", "()", "1,", ".", "1 + .", "2026-01-05", "030-1234567",
        String(repeating: "(", count: 100) + "1+1" + String(repeating: ")", count: 100),
        String(repeating: "1+", count: 2000) + "1",
    ])
    func `is nothing else`(_ text: String) { #expect(Arithmetic.answer(text) == .none) }

    @Test func `is never a reason to crash`() {
        var random = MutationSource(seed: 11)
        for seed in ["12 * (3 + 4) / 5 - 6^7", "1,000.5% of -2**3", "99999999999999999999/0.0000000001"] {
            for _ in 0..<500 { _ = Arithmetic.answer(String(decoding: random.mutate(Array(seed.utf8)), as: UTF8.self)) }
        }
    }
}
