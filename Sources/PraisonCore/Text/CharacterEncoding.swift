/// Reads text from bytes of unknown origin.
///
/// Source: https://encoding.spec.whatwg.org, of which this knows UTF-8, UTF-16 and Windows-1252.
public enum CharacterEncoding {
    /// The text, without a byte order mark.
    ///
    /// A byte order mark decides, then what the content type or the page's head declares. Bytes without either are UTF-8,
    /// or Windows-1252 where they can't be UTF-8. Wrong bytes become U+FFFD.
    ///
    /// - Parameters:
    ///   - contentType: of a web page, in lower case; its head is looked at, too. `nil` for a file.
    ///   - isCut: whether there was more, so that the last character may be half there.
    public static func text(_ bytes: [UInt8], contentType: String? = nil, isCut: Bool = false) -> String {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return String(decoding: bytes.dropFirst(3), as: UTF8.self) }
        if bytes.starts(with: [0xFF, 0xFE]) { return utf16(bytes.dropFirst(2), isBigEndian: false) }
        if bytes.starts(with: [0xFE, 0xFF]) { return utf16(bytes.dropFirst(2), isBigEndian: true) }
        let name = contentType.map { declared(by: $0, bytes) } ?? ""
        if latin.contains(where: name.hasPrefix) { return windows1252(bytes) }
        if name.hasPrefix("utf-16") { return utf16(bytes[...], isBigEndian: name.hasPrefix("utf-16be")) }
        if name.isEmpty, String(validating: isCut ? wholeCharacters(bytes) : bytes[...], as: UTF8.self) == nil {
            return windows1252(bytes)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let latin = ["iso-8859-1", "windows-1252", "latin1", "us-ascii"]

    private static func declared(by contentType: String, _ bytes: [UInt8]) -> Substring {
        let head = String(decoding: bytes.prefix(1024), as: UTF8.self).lowercased()
        for text in [contentType, head] {
            if let range = text.firstRange(of: "charset=") {
                return text[range.upperBound...].drop { "\"' ".contains($0) }
            }
        }
        return ""
    }

    /// Without the beginning of a character at the end, if the bytes are UTF-8.
    private static func wholeCharacters(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        let isContinuation: (UInt8) -> Bool = { $0 & 0xC0 == 0x80 }
        guard let last = bytes.suffix(4).lastIndex(where: { !isContinuation($0) }) else { return bytes[...] }
        let length = bytes[last] >= 0xF0 ? 4 : bytes[last] >= 0xE0 ? 3 : bytes[last] >= 0xC0 ? 2 : 1
        return bytes.count - last < length ? bytes[..<last] : bytes[...]
    }

    private static func utf16(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) -> String {
        let units = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map { index in
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            return isBigEndian ? first << 8 | second : second << 8 | first
        }
        return String(decoding: units, as: UTF16.self)
    }

    private static func windows1252(_ bytes: [UInt8]) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes { text.append((0x80...0x9F).contains(byte) ? upper[Int(byte) - 0x80] : .init(byte)) }
        return String(text)
    }

    /// What the bytes 0x80 to 0x9F stand for; the others are as in Latin-1.
    private static let upper = Array("€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ".unicodeScalars)
}
