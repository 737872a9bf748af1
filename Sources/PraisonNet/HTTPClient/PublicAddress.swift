import Glibc

/// Tells addresses of the public internet from those that mean this machine, its neighbours or nobody.
///
/// Source: https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry
enum PublicAddress {
    /// - Parameter text: an address in figures. What can't be read is not public.
    static func isPublic(_ text: String) -> Bool {
        var six = in6_addr()
        if inet_pton(AF_INET6, text, &six) == 1 { return isPublic(six: withUnsafeBytes(of: six) { Array($0) }) }
        var four = in_addr()
        guard inet_pton(AF_INET, text, &four) == 1 else { return false }
        return isPublic(four: withUnsafeBytes(of: four) { Array($0) })
    }

    static func isPublic(_ address: UnsafePointer<sockaddr>) -> Bool {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                isPublic(four: withUnsafeBytes(of: address.pointee.sin_addr) { Array($0) })
            }
        case AF_INET6:
            address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                isPublic(six: withUnsafeBytes(of: address.pointee.sin6_addr) { Array($0) })
            }
        default: false
        }
    }

    private static func isPublic(four bytes: [UInt8]) -> Bool {
        switch (bytes[0], bytes[1], bytes[2]) {
        case (0, _, _), (10, _, _), (127, _, _): false
        case (100, 64...127, _): false  // carrier-grade NAT; some clouds keep their metadata there
        case (169, 254, _): false  // link-local, and the metadata of most clouds
        case (172, 16...31, _), (192, 168, _): false
        case (192, 0, 0), (192, 0, 2), (198, 51, 100), (203, 0, 113): false
        case (192, 88, 99), (198, 18...19, _): false
        case (224..., _, _): false  // multicast, reserved, broadcast
        default: true
        }
    }

    private static func isPublic(six bytes: [UInt8]) -> Bool {
        // Addresses that carry an IPv4 address lead to that one.
        if bytes[..<12].elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF])
            || bytes[..<12].elementsEqual([0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0])
        {
            return isPublic(four: Array(bytes[12...]))
        }
        if bytes[0] == 0x20, bytes[1] == 0x02 { return isPublic(four: Array(bytes[2..<6])) }
        // Only 2000::/3 is given out; in it, 2001::/23 is for protocols and 2001:db8::/32 for examples.
        guard bytes[0] & 0xE0 == 0x20 else { return false }
        if bytes[0] == 0x20, bytes[1] == 0x01 {
            if bytes[2] & 0xFE == 0 { return false }
            if bytes[2] == 0x0D, bytes[3] == 0xB8 { return false }
        }
        // 3fff::/20 is for examples too.
        return !(bytes[0] == 0x3F && bytes[1] == 0xFF && bytes[2] & 0xF0 == 0)
    }
}
