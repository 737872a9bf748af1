import PraisonCore

/// A response's status and header fields, gathered from the lines libcurl hands over.
struct ReceivedHead {
    /// Bytes all heads of one exchange may have together, interim responses included.
    static let sizeLimit = 256 << 10

    private(set) var status = 0
    private(set) var fields: [HTTPHeaders.Field] = []
    private(set) var isComplete = false
    private var size = 0

    /// Takes one line with its line end. Lines after the final head, which are trailers, are left out.
    ///
    /// - Returns: `false` once there are more bytes than ``sizeLimit``.
    mutating func take(_ line: UnsafeRawBufferPointer) -> Bool {
        size += line.count
        guard size <= Self.sizeLimit else { return false }
        guard !isComplete else { return true }
        let text = Self.trimmed(line[...])
        if line.starts(with: Array("HTTP/".utf8)) {
            begin(text)
        } else if text.isEmpty {
            // RFC 9110 §15.2: after an interim response comes another head.
            isComplete = status >= 200
        } else if line.first == UInt8(ascii: " ") || line.first == UInt8(ascii: "\t") {
            // RFC 9112 §5.2: a line that starts with blanks continues the value before it.
            fields.indices.last.map { fields[$0].value += " " + String(decoding: text, as: UTF8.self) }
        } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            let name = Self.trimmed(text[..<colon])
            let value = Self.trimmed(text[text.index(after: colon)...])
            fields.append(
                .init(name: String(decoding: name, as: UTF8.self), value: String(decoding: value, as: UTF8.self)))
        }
        return true
    }

    /// The fields as they describe the decoded body: coding and length of the coded one are gone.
    func headers(isDecoded: Bool) -> HTTPHeaders {
        var headers = HTTPHeaders(fields)
        if isDecoded, headers["Content-Encoding"] != nil {
            headers["Content-Encoding"] = nil
            headers["Content-Length"] = nil
        }
        return headers
    }

    private mutating func begin(_ statusLine: Slice<UnsafeRawBufferPointer>) {
        let words = statusLine.split(separator: UInt8(ascii: " "), maxSplits: 2)
        status = words.count > 1 ? Int(String(decoding: words[1], as: UTF8.self)) ?? 0 : 0
        fields.removeAll(keepingCapacity: true)
    }

    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        var bytes = bytes
        while let last = bytes.last, isBlank(last) { bytes = bytes.dropLast() }
        while let first = bytes.first, isBlank(first) { bytes = bytes.dropFirst() }
        return bytes
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
            || byte == UInt8(ascii: "\n")
    }
}
