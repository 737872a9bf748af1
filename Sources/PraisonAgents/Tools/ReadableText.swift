/// The words of a web page as a person would read them: without scripts, styles and menus; paragraphs apart, headings
/// and list items marked.
struct ReadableText {
    let text: String

    /// Elements whose content is not for reading.
    private static let silent: Set<String> = [
        "noscript", "template", "svg", "nav", "footer", "aside", "form", "iframe", "select", "button",
    ]

    init(html: String) {
        var writer = Writer()
        var scanner = Scanner(html)
        var title = ""
        var silence: (name: String, depth: Int)?
        while let token = scanner.next() {
            switch token {
            case .text(let text): if silence == nil { writer.write(HTMLText.unescaped(text)) }
            case .tag(let name, let isClosing):
                if let (silentName, depth) = silence {
                    guard name == silentName else { continue }
                    silence = isClosing && depth == 1 ? nil : (name, depth + (isClosing ? -1 : 1))
                } else if ["script", "style", "title", "textarea"].contains(name), !isClosing {
                    // Their content is no markup: `if (a < b)` begins no tag.
                    let content = scanner.content(of: name)
                    if name == "title", title.isEmpty { title = HTMLText.plain(content) }
                } else if Self.silent.contains(name), !isClosing {
                    silence = (name, 1)
                } else {
                    writer.boundary(name, isClosing: isClosing)
                }
            }
        }
        let isRepeated = title.isEmpty || writer.text.hasPrefix("# \(title)")
        text = isRepeated ? writer.text : "\(title)\n\n\(writer.text)"
    }

    /// Puts words together with the white space that belongs between them.
    private struct Writer {
        private(set) var text = ""
        private var lineBreaks = 0
        private var hasSpace = false
        private var preformatted = 0

        private static let paragraphs: Set<String> = [
            "p", "div", "section", "article", "main", "header", "table", "ul", "ol", "dl", "blockquote", "figure", "hr",
            "body", "details",
        ]
        private static let lines: Set<String> = ["br", "tr", "dt", "dd", "summary", "figcaption"]

        mutating func write(_ piece: String) {
            if preformatted > 0 {
                settle()
                text += piece
                return
            }
            for character in piece {
                if character.isWhitespace {
                    hasSpace = true
                } else {
                    settle()
                    text.append(character)
                }
            }
        }

        mutating func boundary(_ name: String, isClosing: Bool) {
            if name == "pre" {
                preformatted = max(preformatted + (isClosing ? -1 : 1), 0)
                lineBreaks = 2
            } else if name.count == 2, name.first == "h", let level = name.last?.wholeNumberValue,
                (1...6).contains(level)
            {
                lineBreaks = 2
                if !isClosing { mark(String(repeating: "#", count: level)) }
            } else if name == "li" {
                lineBreaks = max(lineBreaks, 1)
                if !isClosing { mark("-") }
            } else if Self.paragraphs.contains(name) {
                lineBreaks = 2
            } else if Self.lines.contains(name) {
                lineBreaks = max(lineBreaks, 1)
            } else if name == "td" || name == "th" {
                hasSpace = true
            }
        }

        private mutating func mark(_ sign: String) {
            settle()
            text += sign
            hasSpace = true
        }

        private mutating func settle() {
            if lineBreaks > 0 {
                if !text.isEmpty { text += lineBreaks == 1 ? "\n" : "\n\n" }
            } else if hasSpace, !text.isEmpty {
                text += " "
            }
            (lineBreaks, hasSpace) = (0, false)
        }
    }

    /// Finds tags and what is between them. Every byte is looked at once.
    private struct Scanner {
        enum Token {
            case text(String)
            case tag(name: String, isClosing: Bool)
        }

        private let bytes: [UInt8]
        private var position = 0

        init(_ html: String) { bytes = Array(html.utf8) }

        mutating func next() -> Token? {
            while position < bytes.count {
                guard bytes[position] == UInt8(ascii: "<") else {
                    return .text(take(to: bytes[position...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count))
                }
                if isAt("<!--") {
                    position = end(of: "-->", from: position + 4)
                    continue
                }
                let following = position + 1 < bytes.count ? bytes[position + 1] : 0
                if following == UInt8(ascii: "!") || following == UInt8(ascii: "?") {
                    position = end(of: ">", from: position)
                    continue
                }
                guard following == UInt8(ascii: "/") || Self.isLetter(following) else {
                    return .text(take(to: position + 1))
                }
                return tag()
            }
            return nil
        }

        /// What stands before the end tag `name`, which is skipped too.
        mutating func content(of name: String) -> String {
            let start = position
            let mark = Array("</\(name)".utf8)
            while position < bytes.count, !isAt(mark) { position += 1 }
            let content = String(decoding: bytes[start..<position], as: UTF8.self)
            position = end(of: ">", from: position)
            return content
        }

        private mutating func tag() -> Token {
            position += 1
            let isClosing = bytes[position] == UInt8(ascii: "/")
            if isClosing { position += 1 }
            let start = position
            while position < bytes.count, Self.isLetter(bytes[position]) || (0x30...0x39).contains(bytes[position]) {
                position += 1
            }
            let name = String(decoding: bytes[start..<position], as: UTF8.self).lowercased()
            var quote: UInt8?
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                if let open = quote {
                    if byte == open { quote = nil }
                } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                    quote = byte
                } else if byte == UInt8(ascii: ">") {
                    break
                }
            }
            return .tag(name: name, isClosing: isClosing)
        }

        private mutating func take(to end: Int) -> String {
            defer { position = end }
            return String(decoding: bytes[position..<end], as: UTF8.self)
        }

        private func isAt(_ text: StaticString) -> Bool {
            text.withUTF8Buffer { mark in
                position + mark.count <= bytes.count && zip(bytes[position...], mark).allSatisfy { $0 == $1 }
            }
        }

        /// Whatever the case of its letters.
        private func isAt(_ mark: [UInt8]) -> Bool {
            guard position + mark.count <= bytes.count else { return false }
            return zip(bytes[position...], mark).allSatisfy { byte, wanted in
                byte == wanted || Self.isLetter(byte) && byte | 0x20 == wanted
            }
        }

        /// The place after the next `mark`, or the end.
        private func end(of mark: StaticString, from start: Int) -> Int {
            mark.withUTF8Buffer { mark in
                var index = start
                while index + mark.count <= bytes.count {
                    if zip(bytes[index...], mark).allSatisfy({ $0 == $1 }) { return index + mark.count }
                    index += 1
                }
                return bytes.count
            }
        }

        private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }
    }
}
