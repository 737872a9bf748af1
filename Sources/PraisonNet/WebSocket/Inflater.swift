internal import CZlib
import PraisonCore

/// Undoes DEFLATE (RFC 1951), keeping what it has seen for the next message. Takes about 7 kB and the window.
final class Inflater {
    private let stream: UnsafeMutablePointer<z_stream>

    /// - Parameters:
    ///   - windowBits: 9...15; the window has two to the power of it bytes.
    ///   - isRaw: without the header and the checksum of a zlib stream (RFC 1950).
    init(windowBits: Int, isRaw: Bool = true) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Negative means raw. It fails only where there is no memory left.
        let bits = Int32(isRaw ? -windowBits : windowBits)
        let result = inflateInit2_(stream, bits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "zlib can't inflate with a window of \(windowBits) bits: \(result)")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Appends what `input` stands for to `output`, which may have `limit` bytes and no more.
    func inflate(_ input: [UInt8], into output: inout [UInt8], limit: Int) throws(WebSocketFailure) {
        let result = input.withUnsafeBytes { bytes in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: Bytef.self).baseAddress)
            stream.pointee.avail_in = UInt32(bytes.count)
            defer { stream.pointee.next_in = nil }
            return inflateAll(into: &output, limit: limit)
        }
        if output.count > limit { throw WebSocketFailure(.messageTooBig, "message is longer than \(limit) bytes") }
        guard result == Z_OK else { throw WebSocketFailure(.invalidPayload, "compressed data is damaged") }
    }

    private func inflateAll(into output: inout [UInt8], limit: Int) -> Int32 {
        while true {
            // One byte beyond the limit tells whether there was more.
            let room = min(max(4 * Int(stream.pointee.avail_in), 512), 1 << 16, limit + 1 - output.count)
            let (result, written) = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { chunk in
                stream.pointee.next_out = chunk.baseAddress
                stream.pointee.avail_out = UInt32(room)
                let result = CZlib.inflate(stream, Z_SYNC_FLUSH)
                let written = room - Int(stream.pointee.avail_out)
                output.append(contentsOf: chunk[..<written])
                return (result, written)
            }
            if output.count > limit { return Z_OK }
            switch result {
            // No progress without more input; zlib may hold back only if it has filled what it was given.
            case Z_BUF_ERROR: return Z_OK
            case Z_OK: if written < room, stream.pointee.avail_in == 0 { return Z_OK }
            case Z_STREAM_END: beginStream()
            default: return result
            }
        }
    }

    /// RFC 7692 §7.2.3.4: a block may be the last of its stream; what follows begins another but may still refer to
    /// what came before.
    private func beginStream() {
        var count: UInt32 = 0
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 15) { window in
            inflateGetDictionary(stream, window.baseAddress, &count)
            inflateReset(stream)
            inflateSetDictionary(stream, window.baseAddress, count)
        }
    }
}
