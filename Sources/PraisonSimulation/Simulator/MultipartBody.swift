public import PraisonCore

#if canImport(Glibc)
    import Glibc
#endif

/// A `multipart/form-data` body (RFC 7578), read.
public struct MultipartBody: Sendable {
    public struct Part: Hashable, Sendable {
        public var name: String
        /// Set for files.
        public var fileName: String?
        public var contentType: String?
        public var content: [UInt8]
    }

    public var parts: [Part]

    /// - Returns: `nil` when the body is not what its type says.
    public init?(_ request: HTTPRequest) {
        guard let type = request.headers["Content-Type"], type.lowercased().hasPrefix("multipart/form-data"),
            let boundary = Self.parameter("boundary", of: type), !boundary.isEmpty
        else { return nil }
        let body = request.body
        let marker = Array("--\(boundary)".utf8)
        var parts: [Part] = []
        // Each part stands between two markers; the last marker is followed by two dashes.
        guard var start = Self.find(marker, in: body[...], from: 0) else { return nil }
        while true {
            start += marker.count
            if body[start...].starts(with: [0x2D, 0x2D]) { break }
            guard let next = Self.find(Array("\r\n".utf8) + marker, in: body[...], from: start),
                let part = Self.part(body[start..<next])
            else { return nil }
            parts.append(part)
            start = next + 2
        }
        self.parts = parts
    }

    private static func part(_ bytes: ArraySlice<UInt8>) -> Part? {
        let blank = Array("\r\n\r\n".utf8)
        guard let end = find(blank, in: bytes, from: bytes.startIndex) else { return nil }
        var part = Part(name: "", content: Array(bytes[(end + blank.count)...]))
        for line in String(decoding: bytes[..<end], as: UTF8.self).split(whereSeparator: \.isNewline) {
            let halves = line.split(separator: ":", maxSplits: 1)
            guard halves.count == 2 else { continue }
            let value = String(halves[1].drop { $0 == " " })
            switch halves[0].lowercased() {
            case "content-disposition":
                part.name = parameter("name", of: value) ?? ""
                part.fileName = parameter("filename*", of: value).map(extended) ?? parameter("filename", of: value)
            case "content-type": part.contentType = value
            default: break
            }
        }
        return part.name.isEmpty ? nil : part
    }

    /// The value of `name` in `form-data; name="x"`.
    private static func parameter(_ name: String, of header: String) -> String? {
        var rest = header[...]
        while let separator = rest.firstIndex(of: ";") {
            rest = rest[rest.index(after: separator)...].drop { $0 == " " }
            guard let equals = rest.firstIndex(of: "=") else { return nil }
            let key = rest[..<equals].lowercased()
            rest = rest[rest.index(after: equals)...]
            var value: Substring
            if rest.first == "\"" {
                rest = rest.dropFirst()
                value = rest.prefix { $0 != "\"" }
                rest = rest.dropFirst(value.count + 1)
            } else {
                value = rest.prefix { $0 != ";" }
                rest = rest.dropFirst(value.count)
            }
            if key == name { return FormEncoding.unescape(value) }
        }
        return nil
    }

    /// RFC 8187: `utf-8''na%C3%AFve.txt`.
    private static func extended(_ value: String) -> String {
        value.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false).last.map(String.init) ?? value
    }

    /// Uploads are large, so the C library looks for the first byte.
    private static func find(_ needle: [UInt8], in bytes: ArraySlice<UInt8>, from start: Int) -> Int? {
        let skipped = start - bytes.startIndex
        let found = bytes.withUnsafeBytes { haystack -> Int? in
            guard let base = haystack.baseAddress else { return nil }
            var position = skipped
            while haystack.count - position >= needle.count {
                let rest = haystack.count - position - needle.count + 1
                guard let hit = memchr(base + position, Int32(needle[0]), rest) else { return nil }
                position = UnsafeRawPointer(hit) - base
                if memcmp(base + position, needle, needle.count) == 0 { return position }
                position += 1
            }
            return nil
        }
        return found.map { $0 + bytes.startIndex }
    }
}
