/// Cuts bytes into lines, for streams of one JSON object a line. Lines end at LF bytes only: what looks like a line end
/// inside a JSON string (U+2028) is none.
struct JSONLineParser {
    struct TooLong: Error {}

    private let limit: Int
    private var line: [UInt8] = []

    /// - Parameter limit: bytes of the longest line.
    init(limit: Int = 4 << 20) { self.limit = limit }

    /// Takes the next bytes and returns the lines they complete, empty ones left out.
    mutating func feed(_ bytes: [UInt8]) throws(TooLong) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            try append(bytes[start..<end])
            if let whole = try finish() { lines.append(whole) }
            start = end + 1
        }
        try append(bytes[start...])
        return lines
    }

    /// The last line, which nothing ended; `nil` when there is none.
    mutating func finish() throws(TooLong) -> [UInt8]? {
        defer { line = [] }
        return line.contains { $0 > 0x20 } ? line : nil
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) throws(TooLong) {
        guard line.count + bytes.count <= limit else { throw TooLong() }
        line += bytes
    }
}
