import Logging
import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonNet

@Suite struct `a zlib stream over many messages` {
    /// Messages as a server sends them: one stream, flushed after each.
    private static func stream(_ texts: [String]) -> [[UInt8]] {
        let deflater = Deflater(windowBits: 15)
        return texts.enumerated().map { index, text in
            let bytes = Array(text.utf8)
            let body = bytes.withUnsafeBytes { deflater.deflate($0) } + [0x00, 0x00, 0xFF, 0xFF]
            return index == 0 ? [0x78, 0x9C] + body : body
        }
    }

    private static let texts = (1...50).map {
        "{\"op\":0,\"t\":\"MESSAGE_CREATE\",\"s\":\($0),\"d\":{\"content\":\"hi\"}}"
    }

    private static func inflater() throws -> any StreamInflater {
        try #require(NIOWebSocketClient(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }).zlibInflater())
    }

    @Test func `is undone with what came before in mind`() throws {
        let inflater = try Self.inflater()
        let messages = Self.stream(Self.texts)
        #expect(messages.last?.count ?? 0 < 30, "later messages refer to earlier ones")
        for (message, text) in zip(messages, Self.texts) {
            #expect(String(decoding: try inflater.inflate(message, limit: 1000), as: UTF8.self) == text)
        }
    }

    @Test func `is undone in pieces of any size`() throws {
        let inflater = try Self.inflater()
        let bytes = Self.stream(Self.texts).flatMap { $0 }
        var output: [UInt8] = []
        let entropy = SeededEntropy(seed: 3)
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(1 + Int(entropy.bytes(1)[0] % 7))
            output += try inflater.inflate(Array(piece), limit: 10_000)
            rest = rest.dropFirst(piece.count)
        }
        #expect(String(decoding: output, as: UTF8.self) == Self.texts.joined())
    }

    @Test func `begins anew for each connection`() throws {
        let messages = Self.stream(Self.texts)
        _ = try Self.inflater().inflate(messages[0], limit: 1000)
        #expect(throws: StreamInflaterError.damaged) { try Self.inflater().inflate(messages[1], limit: 1000) }
    }

    @Test func `stops at its limit instead of filling the memory`() throws {
        let bomb = Self.stream([String(repeating: "0", count: 8 << 20)])[0]
        #expect(bomb.count < 32 << 10)
        let inflater = try Self.inflater()
        #expect(throws: StreamInflaterError.tooLarge(limit: 1 << 20)) { try inflater.inflate(bomb, limit: 1 << 20) }
    }

    @Test func `says so when it is damaged`() throws {
        let inflater = try Self.inflater()
        #expect(throws: StreamInflaterError.damaged) { try inflater.inflate(Array("hello".utf8), limit: 1000) }
    }
}
