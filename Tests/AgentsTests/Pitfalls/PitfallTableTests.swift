import Foundation
import Testing

@Suite struct `the table of pitfalls` {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The number of each row, and the promises it names.
    private static let rows: [(number: Int, promises: [String])] = {
        let page = (try? String(contentsOf: tests.appending(path: "AgentsTests/README.md"), encoding: .utf8)) ?? ""
        return page.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3, let number = Int(cells[0]) else { return nil }
            return (number, cells[2].split(separator: "`").map(String.init).filter { $0.contains { $0.isLetter } })
        }
    }()

    @Test func `has all twenty-four`() {
        #expect(Self.rows.map(\.number) == Array(1...24))
        #expect(Self.rows.allSatisfy { !$0.promises.isEmpty })
    }

    @Test func `names promises that are kept`() throws {
        var functions = Set<String>()
        for file in try #require(FileManager.default.subpaths(atPath: Self.tests.path())) where file.hasSuffix(".swift")
        {
            let text = try String(contentsOf: Self.tests.appending(path: file), encoding: .utf8)
            for part in text.split(separator: "func `").dropFirst() {
                functions.insert(String(part.prefix { $0 != "`" }))
            }
        }
        for row in Self.rows {
            for promise in row.promises where !functions.contains(promise) {
                Issue.record("row \(row.number): there is no test “\(promise)”")
            }
        }
    }
}
