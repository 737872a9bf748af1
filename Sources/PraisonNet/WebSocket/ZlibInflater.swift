import PraisonCore

/// Undoes one zlib stream (RFC 1950) that a platform sends over all messages of a connection.
final class ZlibInflater: StreamInflater {
    private let inflater = Inflater(windowBits: 15, isRaw: false)

    func inflate(_ input: [UInt8], limit: Int) throws(StreamInflaterError) -> [UInt8] {
        var output: [UInt8] = []
        do {
            try inflater.inflate(input, into: &output, limit: limit)
        } catch {
            throw error.code == .messageTooBig ? .tooLarge(limit: limit) : .damaged
        }
        return output
    }
}
