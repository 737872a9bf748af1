/// Rows and columns for a terminal. Cells may have several lines; what does not fit into the width is wrapped.
struct TextTable {
    private static let gap = 2
    /// No column gets narrower than this.
    private static let narrowest = 6

    let header: [String]
    private(set) var rows: [[String]] = []

    init(_ header: String...) { self.header = header }

    mutating func add(_ cells: String...) { rows.append(cells) }

    /// - Parameter width: columns of the terminal.
    func text(width: Int, paint: Paint = Paint(isOn: false)) -> String {
        let widths = widths(within: width)
        let head = lines(of: header, widths).map(paint.bold)
        return (head + rows.flatMap { lines(of: $0, widths) }).joined(separator: "\n")
    }

    private func widths(within total: Int) -> [Int] {
        var widths = header.indices.map { column in
            ([header] + rows).flatMap { $0[column].split(separator: "\n") }.map(\.count).max() ?? 0
        }
        let room = total - Self.gap * (widths.count - 1)
        // The widest gives first, so that short columns stay whole.
        while widths.reduce(0, +) > room, let widest = widths.max(), widest > Self.narrowest,
            let column = widths.lastIndex(of: widest)
        {
            widths[column] -= 1
        }
        return widths
    }

    private func lines(of row: [String], _ widths: [Int]) -> [String] {
        let cells = zip(row, widths).map { text, width in
            text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { Self.wrap($0, width) }
        }
        let height = cells.map(\.count).max() ?? 0
        return (0..<height).map { line in
            var text = ""
            for (cell, width) in zip(cells, widths) {
                let part = cell.indices.contains(line) ? cell[line] : ""
                text += part + String(repeating: " ", count: max(width - part.count, 0) + Self.gap)
            }
            while text.last == " " { text.removeLast() }
            return text
        }
    }

    /// Breaks between words, and within words that are longer than a line.
    static func wrap(_ text: Substring, _ width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            var word = word
            if !line.isEmpty, line.count + 1 + word.count <= width {
                line += " " + word
                continue
            }
            if !line.isEmpty { lines.append(line) }
            while word.count > width {
                lines.append(String(word.prefix(width)))
                word = word.dropFirst(width)
            }
            line = String(word)
        }
        return lines + [line]
    }
}
