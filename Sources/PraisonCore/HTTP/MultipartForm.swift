/// A `multipart/form-data` body (RFC 7578): parameters and files together.
public struct MultipartForm: Sendable {
    private struct Part {
        var head: String
        var content: [UInt8]
    }

    private let boundary: String
    private var parts: [Part] = []

    public init(entropy: any Entropy) { boundary = "praison-\(entropy.uuid())" }

    public var contentType: String { "multipart/form-data; boundary=\(boundary)" }

    /// Objects and lists travel as JSON text, everything else as it is.
    public mutating func add(_ name: String, _ value: JSONValue) {
        let text = value.string ?? value.text()
        parts.append(Part(head: "Content-Disposition: form-data; name=\"\(name)\"", content: Array(text.utf8)))
    }

    public mutating func add(_ name: String, fileName: String, mimeType: String?, content: [UInt8]) {
        let head = """
            Content-Disposition: form-data; name="\(name)"; filename="\(Self.quoted(fileName))"\r
            Content-Type: \(Self.headerSafe(mimeType ?? "application/octet-stream"))
            """
        parts.append(Part(head: head, content: content))
    }

    public func bytes() -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(parts.reduce(64) { $0 + $1.content.count + 256 })
        for part in parts {
            body += "--\(boundary)\r\n\(part.head)\r\n\r\n".utf8
            body += part.content
            body += "\r\n".utf8
        }
        body += "--\(boundary)--\r\n".utf8
        return body
    }

    /// RFC 7578 §4.2 leaves it to WHATWG HTML §4.10.22.8 how quotes and line ends in names are written.
    private static func quoted(_ name: String) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "\"": result += "%22"
            case "\r": result += "%0D"
            case "\n": result += "%0A"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func headerSafe(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value < 0x7F }))
    }
}
