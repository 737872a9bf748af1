import PraisonCore
import Testing

@Suite struct `the characters of a file` {
    private func bytes(_ text: String, bigEndian: Bool) -> [UInt8] {
        text.utf16.flatMap { unit in
            let pair = [UInt8(unit & 0xFF), UInt8(unit >> 8)]
            return bigEndian ? pair.reversed() : pair
        }
    }

    @Test func `are told by a byte order mark, which is none of them`() {
        #expect(CharacterEncoding.text([0xEF, 0xBB, 0xBF] + Array("Käse".utf8)) == "Käse")
        #expect(CharacterEncoding.text([0xFF, 0xFE] + bytes("Käse 🧀", bigEndian: false)) == "Käse 🧀")
        #expect(CharacterEncoding.text([0xFE, 0xFF] + bytes("Käse 🧀", bigEndian: true)) == "Käse 🧀")
        #expect(
            CharacterEncoding.text(
                [0xFF, 0xFE] + bytes("Käse", bigEndian: false), contentType: "text/plain; charset=utf-8") == "Käse")
    }

    @Test func `are UTF-8, and Windows-1252 where they can't be`() {
        #expect(CharacterEncoding.text(Array("Käse 3 €".utf8)) == "Käse 3 €")
        #expect(CharacterEncoding.text([0x4B, 0xE4, 0x73, 0x65, 0x20, 0x33, 0x20, 0x80]) == "Käse 3 €")
        #expect(CharacterEncoding.text([]) == "")
    }

    @Test func `are UTF-8 still where the last one is cut`() {
        let bytes = Array("Käse 3 € 🧀".utf8)
        for count in 0...bytes.count {
            let text = CharacterEncoding.text(Array(bytes[..<count]), isCut: true)
            #expect("Käse 3 € 🧀".hasPrefix(text.replacing("\u{FFFD}", with: "")))
        }
        #expect(CharacterEncoding.text([0x43, 0x61, 0x66, 0xE9]) == "Café")
        #expect(CharacterEncoding.text([0x4B, 0xE4, 0x73, 0x65], isCut: true) == "Käse")
    }

    @Test func `are what a page declares, in its type or its head`() {
        let latin: [UInt8] = [0x4B, 0xE4, 0x73, 0x65]
        #expect(CharacterEncoding.text(latin, contentType: "text/plain; charset=iso-8859-1") == "Käse")
        #expect(CharacterEncoding.text(latin, contentType: "text/plain; charset=\"utf-8\"") == "K\u{FFFD}se")
        #expect(
            CharacterEncoding.text(Array("<meta charset=latin1>".utf8) + latin, contentType: "text/html").hasSuffix(
                "Käse"))
        #expect(
            CharacterEncoding.text(bytes("Käse", bigEndian: true), contentType: "text/plain; charset=utf-16be")
                == "Käse")
    }

    @Test func `never stop a reader, whatever the bytes`() {
        for seed in 0..<200 {
            let bytes = (0..<seed).map { UInt8(truncatingIfNeeded: ($0 + seed) &* 2_654_435_761 >> 8) }
            for mark: [UInt8] in [[], [0xFF, 0xFE], [0xFE, 0xFF], [0xEF, 0xBB, 0xBF]] {
                #expect(CharacterEncoding.text(mark + bytes).isEmpty == (bytes.count < (mark.count == 2 ? 2 : 1)))
            }
        }
    }
}
