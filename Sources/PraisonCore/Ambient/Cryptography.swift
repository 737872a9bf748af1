/// The few cryptographic operations adapters need, lent by whoever has a library for them.
public protocol Cryptography: Sendable {
    func sha256(_ message: [UInt8]) -> [UInt8]
    func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> [UInt8]
    /// Whether `signature` (64 bytes) is `publicKey`'s (32 bytes) over `message`.
    func verifyEd25519(signature: [UInt8], message: [UInt8], publicKey: [UInt8]) -> Bool
}
