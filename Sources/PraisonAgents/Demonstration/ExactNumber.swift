/// A fraction of two 128-bit integers: sums, products and quotients without rounding, or none at all.
struct ExactNumber: Hashable, Sendable {
    enum Failure: Error { case divisionByZero, tooLarge }

    /// Decimal places shown of a fraction that has no end.
    private static let shownPlaces = 12

    /// In lowest terms; the denominator is above zero.
    let numerator: Int128
    let denominator: Int128

    init(_ numerator: Int128, over denominator: Int128 = 1) throws(Failure) {
        guard denominator != 0 else { throw .divisionByZero }
        let divisor = Self.greatestDivisor(numerator.magnitude, denominator.magnitude)
        guard let divisor = Int128(exactly: divisor), numerator != .min, denominator != .min else { throw .tooLarge }
        let sign: Int128 = denominator < 0 ? -1 : 1
        self.numerator = sign * numerator / divisor
        self.denominator = sign * denominator / divisor
    }

    /// Digits with at most one point among them: `12`, `0.5`, `.5`.
    init(digits: some StringProtocol) throws(Failure) {
        var numerator: Int128 = 0
        var denominator: Int128 = 1
        var isFraction = false
        for byte in digits.utf8 {
            guard byte != UInt8(ascii: ".") else {
                isFraction = true
                continue
            }
            numerator = try Self.sum(try Self.product(numerator, 10), Int128(byte &- UInt8(ascii: "0")))
            if isFraction { denominator = try Self.product(denominator, 10) }
        }
        try self.init(numerator, over: denominator)
    }

    static func + (left: Self, right: Self) throws(Failure) -> Self {
        let first = try product(left.numerator, right.denominator)
        let second = try product(right.numerator, left.denominator)
        return try Self(sum(first, second), over: product(left.denominator, right.denominator))
    }

    static func - (left: Self, right: Self) throws(Failure) -> Self { try left + right.negated() }

    static func * (left: Self, right: Self) throws(Failure) -> Self {
        // Shortening crosswise first keeps what fits within reach.
        let first = try Self(left.numerator, over: right.denominator)
        let second = try Self(right.numerator, over: left.denominator)
        return try Self(
            product(first.numerator, second.numerator), over: product(first.denominator, second.denominator))
    }

    static func / (left: Self, right: Self) throws(Failure) -> Self {
        guard right.numerator != 0 else { throw .divisionByZero }
        return try left * Self(right.denominator, over: right.numerator)
    }

    func negated() throws(Failure) -> Self { try Self(-numerator, over: denominator) }

    /// - Parameter exponent: a whole number between -512 and 512.
    func raised(to exponent: Self) throws(Failure) -> Self {
        guard exponent.denominator == 1, let count = Int(exactly: exponent.numerator), abs(count) <= 512 else {
            throw .tooLarge
        }
        var result = try Self(1)
        for _ in 0..<abs(count) { result = try result * self }
        return count < 0 ? try Self(1) / result : result
    }

    /// The number in decimal, and whether that is all of it.
    var decimal: (text: String, isExact: Bool) {
        let whole = numerator.magnitude / denominator.magnitude
        var rest = numerator.magnitude % denominator.magnitude
        var places: [UInt8] = []
        // Ten times the rest must fit; a denominator that large is beyond all places shown anyway.
        while rest != 0, places.count < Self.shownPlaces, rest <= UInt128.max / 10 {
            places.append(UInt8(ascii: "0") + UInt8(rest * 10 / denominator.magnitude))
            rest = rest * 10 % denominator.magnitude
        }
        let isExact = rest == 0
        while places.last == UInt8(ascii: "0") { places.removeLast() }
        let fraction = places.isEmpty ? "" : ".\(String(decoding: places, as: UTF8.self))"
        let isZero = whole == 0 && places.isEmpty
        return ("\(numerator < 0 && !isZero ? "-" : "")\(whole)\(fraction)", isExact)
    }

    private static func greatestDivisor(_ left: UInt128, _ right: UInt128) -> UInt128 {
        var (larger, smaller) = (left, right)
        while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
        return larger
    }

    private static func product(_ left: Int128, _ right: Int128) throws(Failure) -> Int128 {
        let (value, overflow) = left.multipliedReportingOverflow(by: right)
        guard !overflow else { throw .tooLarge }
        return value
    }

    private static func sum(_ left: Int128, _ right: Int128) throws(Failure) -> Int128 {
        let (value, overflow) = left.addingReportingOverflow(right)
        guard !overflow else { throw .tooLarge }
        return value
    }
}
