/// A table, shown as code so that its columns stand under each other where that takes no more room than the source.
struct MarkdownTable {
    private let source: [String]
    private let rows: [[String]]

    /// - Parameter lines: the heading, the delimiter row, and the rows.
    init(_ lines: ArraySlice<Substring>) {
        source = lines.map { MarkdownLine($0).withoutTrailingSpace }
        rows = lines.enumerated().filter { $0.offset != 1 }.map { row in
            Self.cells(of: row.element).map { cell in
                // In code Telegram follows no link, so the address is shown.
                let text = MarkdownInline(String(cell), links: .spelledOut).rendered().text
                return String(text.map { $0.isNewline ? " " : $0 })
            }
        }
    }

    static func cells(of line: Substring) -> [Substring] {
        var cells: [Substring] = []
        var start = line.startIndex
        var isEscaped = false
        for index in line.indices {
            if line[index] == "|", !isEscaped {
                cells.append(trimmed(line[start..<index]))
                start = line.index(after: index)
            }
            isEscaped = line[index] == "\\" && !isEscaped
        }
        cells.append(trimmed(line[start...]))
        if cells.first?.isEmpty == true { cells.removeFirst() }
        if cells.last?.isEmpty == true { cells.removeLast() }
        return cells
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// `|---|:-:|`, with as many columns as the heading.
    static func isDelimiterRow(_ line: Substring, columns: Int) -> Bool {
        guard line.utf8.contains(UInt8(ascii: "-")), line.utf8.allSatisfy({ " \t|:-".utf8.contains($0) }) else {
            return false
        }
        let cells = cells(of: line)
        return cells.count == columns && cells.allSatisfy { $0.contains("-") }
    }

    var text: String {
        let room = source.reduce(source.count - 1) { $0 + $1.utf16.count }
        let spaced = rows.map { $0.joined(separator: " | ") }.joined(separator: "\n")
        for candidate in [aligned, spaced] where candidate.utf16.count <= room { return candidate }
        return source.joined(separator: "\n")
    }

    private var aligned: String {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        var lines = rows.map { row in
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            return cells.joined(separator: " | ")
        }
        lines.insert(widths.map { String(repeating: "-", count: $0) }.joined(separator: "-|-"), at: 1)
        return lines.joined(separator: "\n")
    }
}
