internal import CZlib

/// Compresses messages with raw DEFLATE (RFC 1951), each with what the earlier ones have taught it.
///
/// It takes about 40 kB with a window of 12 bits, so it is made when the first message needs it.
final class Deflater {
    /// zlib's default of 8 takes 128 kB for tables alone, which a window of 12 bits can't make use of.
    private static let memoryLevel: Int32 = 5

    private let stream: UnsafeMutablePointer<z_stream>

    /// - Parameter windowBits: 9...15.
    init(windowBits: Int) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let result = deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -Int32(windowBits), Self.memoryLevel, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "zlib can't deflate with a window of \(windowBits) bits: \(result)")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// - Returns: the compressed message without the four bytes every one ends with (RFC 7692 §7.2.1).
    func deflate(_ input: UnsafeRawBufferPointer) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(input.count / 2 + 64)
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: Bytef.self).baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        let room = min(max(input.count, 512), 1 << 16)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { chunk in
            repeat {
                stream.pointee.next_out = chunk.baseAddress
                stream.pointee.avail_out = UInt32(room)
                _ = CZlib.deflate(stream, Z_SYNC_FLUSH)
                output.append(contentsOf: chunk[..<(room - Int(stream.pointee.avail_out))])
                // A call that leaves room has flushed everything.
            } while stream.pointee.avail_out == 0
        }
        stream.pointee.next_in = nil
        if output.suffix(4) == [0x00, 0x00, 0xFF, 0xFF] { output.removeLast(4) }
        return output
    }
}
