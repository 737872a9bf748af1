/// A token, key or password. It cannot be printed, interpolated, dumped or encoded; ask `reveal()` where it is sent.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String

    public init(_ value: String) { self.value = value }

    /// The value itself. Call it only where the value leaves for the party it belongs to.
    public func reveal() -> String { value }

    public var isEmpty: Bool { value.isEmpty }

    public var description: String { "«secret»" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Whether `other` is the same secret, in time that depends only on the lengths.
    public func matches(_ other: String) -> Bool {
        constantTimeEquals(Array(value.utf8), Array(other.utf8))
    }

    /// `text` with every occurrence of the secret blanked; for texts from outside that may quote it.
    public func redacting(_ text: String) -> String {
        guard value.utf8.count >= 4 else { return text }
        // By bytes: as characters, a secret with a combining mark after it would not be found.
        let (text, secret, blank) = (Array(text.utf8), Array(value.utf8), Array(description.utf8))
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var position = 0
        while position < text.count {
            if text[position] == secret[0], text[position...].starts(with: secret) {
                result += blank
                position += secret.count
            } else {
                result.append(text[position])
                position += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// Whether two byte strings are the same, in time that depends only on their lengths.
public func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for index in left.indices { difference |= left[index] ^ right[index] }
    return difference == 0
}
