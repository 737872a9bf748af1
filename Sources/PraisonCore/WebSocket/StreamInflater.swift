/// Undoes a compressed stream piece by piece, with what came before in mind. Belongs to one connection and one task.
public protocol StreamInflater: AnyObject {
    /// What `input` stands for, as far as it can be told yet.
    ///
    /// - Parameter limit: bytes of the result; more is refused before it is made.
    func inflate(_ input: [UInt8], limit: Int) throws(StreamInflaterError) -> [UInt8]
}

/// Why a compressed stream can't be read on. The connection it came by is of no more use.
public enum StreamInflaterError: Error, Hashable, Sendable {
    case damaged
    case tooLarge(limit: Int)
}
