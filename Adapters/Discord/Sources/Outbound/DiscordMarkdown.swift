/// CommonMark, as language models write it, in what Discord shows of it; and plain text so that nothing in it is markup.
///
/// Most of it is the same. What is not: `__bold__` would be underlined, `||` hides, headings end at `###`, tables and
/// pictures are not shown.
///
/// Source: https://support.discord.com/hc/en-us/articles/210298617
enum DiscordMarkdown {
    /// Quotes inside quotes beyond this are text.
    private static let maximumQuotes = 6

    static func rendered(_ markdown: String) -> String {
        var output: [String] = []
        var fence: (marks: Substring, quotes: Int)?
        var table: [String] = []
        func endTable() {
            guard !table.isEmpty else { return }
            output += table.count > 1 && isRuler(table[1]) ? ["```"] + columns(table) + ["```"] : table.map(line)
            table = []
        }
        // "\r\n" is one Character.
        let rows = markdown.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
        for row in rows.map(String.init) {
            var (quotes, bare) = unquoted(row, atMost: fence?.quotes ?? maximumQuotes)
            // A block ends with the quote it stands in.
            if let open = fence, quotes < open.quotes {
                fence = nil
                (quotes, bare) = unquoted(row, atMost: maximumQuotes)
            }
            let text = fence == nil ? withoutBullet(bare) : bare
            let marks = text.prefix { $0 == text.first }
            let rest = text[marks.endIndex...]
            // Discord knows fences of backticks only.
            let fenced = marks.first == "~" ? row[..<text.startIndex] + "```" + rest : row[...]
            if let open = fence {
                let isEnd = marks.hasPrefix(open.marks) && rest.allSatisfy(\.isWhitespace)
                output.append(isEnd ? String(fenced) : row)
                if isEnd { fence = nil }
            } else if marks.hasPrefix("~~~") || marks.hasPrefix("```") && !rest.contains("`") {
                endTable()
                fence = (marks, quotes)
                output.append(String(fenced))
            } else if bare.first == "|", quotes == 0, bare.dropFirst().contains("|") {
                table.append(row)
            } else {
                endTable()
                output.append(line(row))
            }
        }
        endTable()
        return output.joined(separator: "\n")
    }

    // MARK: Lines

    /// How many quote marks stand before a row, and what stands behind them and the indentation.
    private static func unquoted(_ row: String, atMost maximum: Int) -> (quotes: Int, bare: Substring) {
        var quotes = 0
        var bare = row.drop { $0 == " " || $0 == "\t" }
        while quotes < maximum, bare.first == ">" {
            quotes += 1
            bare = bare.dropFirst().drop { $0 == " " || $0 == "\t" }
        }
        return (quotes, bare)
    }

    /// What stands behind `- `, `- [x] ` or `3. `; the whole where there is nothing of the kind.
    private static func withoutBullet(_ text: Substring) -> Substring {
        let digits = text.prefix { ("0"..."9").contains($0) }
        let mark = text[digits.endIndex...].prefix { (digits.isEmpty ? "-*+" : ".)").contains($0) }
        let content = text[mark.endIndex...].drop { $0 == " " || $0 == "\t" }
        guard mark.count == 1, content.startIndex > mark.endIndex else { return text }
        let isTask = digits.isEmpty && ["[ ] ", "[x] ", "[X] "].contains(content.prefix(4))
        return isTask ? content.dropFirst(4).drop { $0 == " " || $0 == "\t" } : content
    }

    private static func line(_ row: String) -> String {
        let marks = row.prefix { $0 == "#" }.count
        if (4...6).contains(marks), row.dropFirst(marks).first == " " {
            let title = row.dropFirst(marks).drop { $0 == " " }
            return title.isEmpty ? row : "**\(inline(String(title)))**"
        }
        return inline(row)
    }

    /// The parts of a line outside of code.
    private static func inline(_ row: String) -> String {
        var output = ""
        var rest = row[...]
        while let tick = rest.firstIndex(of: "`") {
            output += words(rest[..<tick])
            let ticks = rest[tick...].prefix { $0 == "`" }
            let after = rest[ticks.endIndex...]
            guard let close = closing(ticks, in: after) else {
                output += ticks
                rest = after
                continue
            }
            output += rest[tick..<close]
            rest = rest[close...]
        }
        return output + words(rest)
    }

    /// Where the run of backticks that ends code ends.
    private static func closing(_ ticks: Substring, in text: Substring) -> Substring.Index? {
        var rest = text
        while let tick = rest.firstIndex(of: "`") {
            let run = rest[tick...].prefix { $0 == "`" }
            if run.count == ticks.count { return run.endIndex }
            rest = rest[run.endIndex...]
        }
        return nil
    }

    private static func words(_ text: Substring) -> String {
        guard text.contains(where: { "_|!".contains($0) }) else { return String(text) }
        var output = ""
        var rest = text
        var previous: Character?
        while let character = rest.first {
            if character == "\\", let next = rest.dropFirst().first {
                output += "\\\(next)"
                rest = rest.dropFirst(2)
                previous = next
                continue
            }
            if rest.hasPrefix("||") {
                output += "\\|\\|"
                rest = rest.dropFirst(2)
            } else if rest.hasPrefix("__"), isEdge(previous) != isEdge(rest.dropFirst(2).first) {
                // At the beginning or end of a word it is CommonMark's other way to write bold.
                output += "**"
                rest = rest.dropFirst(2)
            } else if rest.hasPrefix("!["), let picture = picture(rest) {
                output += picture.text
                rest = rest[picture.end...]
            } else {
                output.append(character)
                rest = rest.dropFirst()
            }
            previous = character
        }
        return output
    }

    private static func isEdge(_ character: Character?) -> Bool {
        character.map { !$0.isLetter && !$0.isNumber && $0 != "_" } ?? true
    }

    /// `![a map](https://…)` as a link, under which Discord shows the picture.
    private static func picture(_ text: Substring) -> (text: String, end: Substring.Index)? {
        guard let middle = text.firstRange(of: "]("), let end = text[middle.upperBound...].firstIndex(of: ")") else {
            return nil
        }
        let title = text[..<middle.lowerBound].dropFirst(2)
        let address = text[middle.upperBound..<end].prefix { $0 != " " }
        guard !address.isEmpty, !title.contains("]") else { return nil }
        return ("[\(title.isEmpty ? "picture" : title)](\(address))", text.index(after: end))
    }

    // MARK: Tables

    private static func cells(_ row: String) -> [String] {
        var cells: [String] = [""]
        var isEscaped = false
        for character in row.drop(while: { $0 == " " }).dropFirst() {
            if character == "|", !isEscaped {
                cells.append("")
            } else {
                if isEscaped, character != "|" { cells[cells.count - 1].append("\\") }
                isEscaped = character == "\\" && !isEscaped
                if !isEscaped { cells[cells.count - 1].append(character) }
                continue
            }
            isEscaped = false
        }
        if cells.last?.allSatisfy(\.isWhitespace) == true { cells.removeLast() }
        return cells.map { cell in
            var rest = cell.drop { $0 == " " }
            while rest.last == " " { rest = rest.dropLast() }
            return String(rest)
        }
    }

    private static func isRuler(_ row: String) -> Bool {
        let cells = cells(row)
        return !cells.isEmpty && cells.allSatisfy { $0.contains("-") && $0.allSatisfy { "-: ".contains($0) } }
    }

    /// In columns of the same width; a code block keeps them so.
    private static func columns(_ rows: [String]) -> [String] {
        let table = rows.enumerated().filter { $0.offset != 1 }.map { cells($0.element) }
        let count = table.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in table.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
        return table.enumerated().flatMap { index, cells -> [String] in
            let padded = cells.enumerated().map { column, cell in
                column == cells.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }.joined(separator: "  ")
            // A backtick may end the block.
            let line = padded.replacing("```", with: "'''")
            guard index == 0 else { return [line] }
            return [line, widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")]
        }
    }

    // MARK: Plain text

    /// With a backslash before each character that might be markup.
    static func escaped(_ text: String) -> String {
        var output = ""
        var isLineStart = true
        var previous: Character?
        var rest = text[...]
        while let character = rest.first {
            let next = rest.dropFirst().first
            let isMarkup: Bool
            switch character {
            case "*", "`", "\\": isMarkup = true
            // Inside a word it is only itself.
            case "_": isMarkup = isEdge(previous) || isEdge(next) || next == "_"
            case "~", "|": isMarkup = next == character || previous == character
            case "[": isMarkup = rest.contains("](")
            case "<": isMarkup = next.map { "@#:t/a".contains($0) } ?? false
            case "#", ">": isMarkup = isLineStart
            case "-": isMarkup = isLineStart && (next == "#" || next == " ")
            default: isMarkup = false
            }
            // A backslash before what is no markup is shown as it is.
            let isShownAnyway =
                character == "\\" && !(next.map { $0.isASCII && ($0.isPunctuation || $0.isSymbol) } ?? false)
            if isMarkup, !isShownAnyway { output.append("\\") }
            output.append(character)
            isLineStart = character.isNewline || isLineStart && character == " "
            previous = character
            rest = rest.dropFirst()
        }
        return output
    }
}
