#if canImport(Glibc)
    import Glibc
#endif

/// An address, or a network such as `10.0.0.0/8`.
public struct AddressRange: Hashable, Sendable {
    private let prefix: [UInt8]
    private let bits: Int

    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bytes = Self.bytes(of: String(parts[0])) else { return nil }
        // An IPv4 address is kept as the IPv6 address that stands for it, 96 bits longer.
        let shift = parts[0].contains(":") ? 0 : 96
        guard let length = parts.count == 2 ? Int(parts[1]).map({ $0 + shift }) : 128, (shift...128).contains(length)
        else { return nil }
        prefix = bytes
        bits = length
    }

    func contains(_ address: String) -> Bool {
        guard let bytes = Self.bytes(of: address) else { return false }
        let whole = bits / 8
        guard bytes[..<whole] == prefix[..<whole] else { return false }
        let rest = bits % 8
        return rest == 0 || (bytes[whole] ^ prefix[whole]) >> UInt8(8 - rest) == 0
    }

    static func isAddress(_ text: String) -> Bool { bytes(of: text) != nil }

    /// The address' 16 bytes.
    private static func bytes(of text: String) -> [UInt8]? {
        var long = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET6, text, &long) == 1 { return long }
        var short = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &short) == 1 {
            return [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + short
        }
        return nil
    }
}
