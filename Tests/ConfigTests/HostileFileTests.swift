import Foundation
import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonConfig

/// Files that nobody wrote on purpose, or somebody did: each costs little and is told what is wrong with it.
@Suite struct `a hostile file` {
    private func problems(_ bytes: [UInt8]) -> [String] {
        ConfigurationLoader.make().load(yaml: bytes, file: "gateway.yaml").problems.map(\.description)
    }

    @Test func `of ten megabytes is not read`() {
        #expect(
            problems(Array(repeating: UInt8(ascii: "#"), count: 10 << 20))
                == ["gateway.yaml:1:1: the file has 10485760 bytes; at most 1048576 are read"])
    }

    @Test func `with too many values is read no further`() {
        let problems = problems(Array("agents: [\(String(repeating: "1,", count: 200_000))]".utf8))
        #expect(problems.count == 1)
        #expect(problems[0].hasSuffix("more than 100000 values, aliases written out; the file is not read"))
    }

    @Test func `with thousands of mistakes is told some of them, and how many more there are`() {
        let text = "agents: {a: {}}\n" + (0..<20_000).map { "k\($0): 1\n" }.joined()
        let problems = problems(Array(text.utf8))
        #expect(problems.count == 201)
        #expect(problems.first == "gateway.yaml: 20000 problems, of which 200 are shown")
    }

    @Test(arguments: ["[", "{", "- ", "? ", "&a ", "*a ", "!!str ", "\"", "'", "|", "a: ", ",", "%"])
    func `of one sign over and over ends`(sign: String) {
        let text = String(repeating: sign, count: 60_000 / sign.utf8.count)
        #expect(!problems(Array(text.utf8)).isEmpty)
        #expect(!problems(Array(("agents: " + text).utf8)).isEmpty)
    }

    @Test(arguments: 0..<8)
    func `made of a good one by accident is refused with places, or taken`(seed: Int) throws {
        // `PRAISON_FUZZ=1000` makes it a long test.
        let factor = ProcessInfo.processInfo.environment["PRAISON_FUZZ"].flatMap(Int.init) ?? 1
        try Mutations(seed: UInt64(seed)).run(count: 25 * factor) { bytes in Self.examine(bytes) }
    }

    /// Whatever the bytes are: it ends, every place is in the file, and nothing raw reaches a terminal.
    private static func examine(_ bytes: [UInt8]) {
        let loaded = ConfigurationLoader.make().load(yaml: bytes, file: "gateway.yaml")
        #expect((loaded.configuration == nil) == !loaded.problems.isEmpty)
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for problem in loaded.problems + loaded.notices {
            let place = problem.place
            let isInside =
                place == .outside || lines.indices.contains(place.line - 1) || place.line == lines.count + 1
            #expect(isInside, "\(problem) of \(lines.count) lines")
            #expect(place == .outside || place.column >= 1)
            #expect(!problem.description.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F })
        }
        let repair = ConfigurationRepair(of: bytes) {
            ConfigurationLoader.make().load(yaml: $0, file: "gateway.yaml")
        }
        #expect(repair.changes.isEmpty == (repair.bytes == bytes))
    }
}

/// Files made of the fixtures by flipping, cutting, doubling and mixing, the same for the same seed.
struct Mutations {
    private let entropy: SeededEntropy

    init(seed: UInt64) { entropy = SeededEntropy(seed: seed) }

    private static let spices = [
        "\t", "\n", ": ", "- ", "{", "}", "[", "]", "\"", "'", "&a ", "*a", "<<: ", "!!int ", "? ", "|\n", "#", "${",
        "}",
        "\u{0}", "\u{FFFD}", "\u{202E}", "é", "😀", "~", "null", "0x", ".inf", "group:", "\r", "---\n", "...\n", "%YAML",
    ]

    func run(count: Int, _ body: ([UInt8]) -> Void) throws {
        let files = try Fixtures.names.map { try Fixtures.bytes("\($0).yaml") }
        for _ in 0..<count {
            var bytes = files[number(below: files.count)]
            for _ in 0...number(below: 4) { mutate(&bytes, files) }
            body(bytes)
        }
    }

    private func number(below bound: Int) -> Int {
        let value = entropy.bytes(4).reduce(0) { $0 << 8 | Int($1) }
        return bound < 1 ? 0 : value % bound
    }

    private func mutate(_ bytes: inout [UInt8], _ files: [[UInt8]]) {
        let place = number(below: bytes.count + 1)
        let length = min(number(below: 40), bytes.count - place)
        switch number(below: 6) {
        case 0: bytes.insert(contentsOf: Self.spices[number(below: Self.spices.count)].utf8, at: place)
        case 1: bytes.removeSubrange(place..<place + length)
        case 2: bytes.insert(contentsOf: bytes[place..<place + length], at: number(below: bytes.count))
        case 3 where place < bytes.count: bytes[place] = UInt8(truncatingIfNeeded: number(below: 256))
        case 4: bytes.removeSubrange(place...)
        default:
            let other = files[number(below: files.count)]
            bytes.insert(contentsOf: other[number(below: other.count)...].prefix(200), at: place)
        }
    }
}
