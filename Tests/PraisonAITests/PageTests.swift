import Foundation
import Testing

/// The examples of a page are what the compiler has seen.
@Suite struct `docs/swift.md` {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    private static let page = folder.appending(path: "../../docs/swift.md").standardizedFileURL

    /// The code between `snippet: NAME` and `end`, without its indentation.
    private static func snippets() throws -> [String: String] {
        let text = try String(contentsOf: folder.appending(path: "Snippets.swift"), encoding: .utf8)
        var snippets: [String: String] = [:]
        var current: (name: String, indent: Int, lines: [Substring])?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let bare = line.drop { $0 == " " }
            if bare.hasPrefix("// snippet: ") {
                current = (String(bare.dropFirst(12)), line.count - bare.count, [])
            } else if bare == "// end", let done = current {
                snippets[done.name] = done.lines.joined(separator: "\n")
                current = nil
            } else if let open = current {
                current?.lines.append(line.dropFirst(min(open.indent, line.count - bare.count)))
            }
        }
        return snippets
    }

    @Test func `shows code that compiles`() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        var missing = try Self.snippets()
        var shown = text[...]
        while let mark = shown.firstRange(of: "<!-- snippet: ") {
            let rest = shown[mark.upperBound...]
            let name = String(rest.prefix { $0 != " " })
            let start = try #require(rest.firstRange(of: "```swift\n")).upperBound
            let end = try #require(rest[start...].firstRange(of: "\n```")).lowerBound
            #expect(String(rest[start..<end]) == missing[name], "\(name) differs from Snippets.swift")
            missing[name] = nil
            shown = rest[end...]
        }
        #expect(missing.keys.sorted() == [])
    }
}
