import Logging
import PraisonCore
import PraisonSimulation
import Synchronization
import Testing

@testable import praisonai

@Suite struct `a table` {
    @Test func `lines its columns up`() {
        var table = TextTable("NAME", "ROUTING")
        table.add("a", "dm: x\ndefault: y")
        table.add("longer", "default: z")
        #expect(
            table.text(width: 80) == """
                NAME    ROUTING
                a       dm: x
                        default: y
                longer  default: z
                """)
    }

    @Test func `wraps what does not fit, the widest column first`() {
        var table = TextTable("NAME", "ACCESS")
        table.add("telegram", "anyone may write as long as nobody is listed here")
        let lines = table.text(width: 30).split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 30 })
        #expect(lines.joined(separator: " ").contains("telegram"))
        #expect(lines.count == 4)
    }

    @Test func `cuts a word longer than its column`() {
        #expect(TextTable.wrap("abcdefghij k", 4) == ["abcd", "efgh", "ij k"])
    }
}

@Suite struct `text for a terminal` {
    @Test(arguments: [
        ("plain, größer, 日本語 👩‍👩‍👧", "plain, größer, 日本語 👩‍👩‍👧"), ("a\nb", "a\\nb"), ("\u{1B}[31mred", "\\u{1b}[31mred"),
        ("left\u{202E}right", "left\\u{202e}right"), ("c1\u{9B}31m", "c1\\u{9b}31m"), ("del\u{7F}", "del\\u{7f}"),
    ])
    func `has its control characters written out`(text: String, expected: String) {
        #expect(text.escapingControls == expected)
    }

    @Test func `keeps its lines where it may have several`() {
        #expect("a\n\u{1B}b\tc".escapingControlsInLines == "a\n\\u{1b}b\tc")
    }

    @Test func `is coloured only where colours are on`() {
        #expect(Paint(isOn: false).red("no") == "no")
        #expect(Paint(isOn: true).red("no") == "\u{1B}[31mno\u{1B}[0m")
    }
}

@Suite struct `a log line` {
    private func logged(_ format: LogFormat, _ body: (Logger) -> Void) -> String {
        let lines = Mutex<[String]>([])
        let collector = Collector()
        let handler = StandardErrorLog(
            format, level: .info, clock: VirtualClock(), paint: Paint(isOn: false), write: { collector.append($0) })
        body(Logger(label: "test") { _ in handler })
        lines.withLock { $0 = collector.lines }
        return lines.withLock { $0.joined() }
    }

    private final class Collector: Sendable {
        private let storage = Mutex<[String]>([])
        func append(_ line: String) { storage.withLock { $0.append(line) } }
        var lines: [String] { storage.withLock { $0 } }
    }

    @Test func `tells time, level, message and fields`() {
        let line = logged(.text) { $0.info("channel health", metadata: ["is": "receiving", "channel": "telegram"]) }
        #expect(line == "2026-01-01T00:00:00.000Z info channel health channel=telegram is=receiving\n")
    }

    @Test func `stays one line whatever it quotes`() {
        let line = logged(.text) { $0.warning("said \"a\nb\"", metadata: ["by": "\u{1B}[2J x"]) }
        #expect(line == "2026-01-01T00:00:00.000Z warning said \"a\\nb\" by=\"\\u{1b}[2J x\"\n")
    }

    @Test func `shows where a value ends, whatever is in it`() {
        let line = logged(.text) { $0.info("x", metadata: ["a": "say \"no\"", "b": "", "c": "k=v"]) }
        #expect(line.hasSuffix(#" x a="say \"no\"" b="" c="k=v""# + "\n"))
    }

    @Test func `is one JSON object for machines`() throws {
        let line = logged(.json) { $0.error("no\nway", metadata: ["n": "1"]) }
        let object = try JSONDocument(parsing: line)
        #expect(object["message"]?.string == "no\nway")
        #expect(object["level"]?.string == "error")
        #expect(object["time"]?.string == "2026-01-01T00:00:00.000Z")
        #expect(object["metadata"]?["n"]?.string == "1")
        #expect(line.split(separator: "\n").count == 1)
    }

    @Test func `below the level asked for is not written`() {
        #expect(logged(.text) { $0.debug("quiet") } == "")
    }
}
