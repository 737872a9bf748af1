import NIOCore
import PraisonCore
import Testing

@testable import PraisonNet

@Suite struct `a WebSocket decoder` {
    private func decode(
        _ bytes: [UInt8], as role: WebSocketRole = .client, maxMessageSize: Int = 1 << 20,
        compression: MessageCompression? = nil, pieces: Int = .max
    ) throws -> [WebSocketDecoder.Event] {
        var decoder = WebSocketDecoder(role: role, maxMessageSize: maxMessageSize, compression: compression)
        var events: [WebSocketDecoder.Event] = []
        for start in stride(from: 0, to: bytes.count, by: min(pieces, max(1, bytes.count))) {
            var buffer = ByteBuffer(bytes: bytes[start..<min(bytes.count, start + min(pieces, bytes.count))])
            while let event = try decoder.next(from: &buffer) { events.append(event) }
        }
        return events
    }

    @Test(arguments: [1, 2, 3, 7, .max]) func `reads the examples of RFC 6455, however they are cut`(pieces: Int) throws
    {
        #expect(try decode([0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F], pieces: pieces) == [.message(.text("Hello"))])
        #expect(
            try decode(
                [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58], as: .server, pieces: pieces)
                == [.message(.text("Hello"))])
        #expect(
            try decode([0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F], pieces: pieces)
                == [.message(.text("Hello"))])
        #expect(
            try decode([0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F], pieces: pieces) == [.ping(Array("Hello".utf8))])
        let long = [UInt8](repeating: 7, count: 256)
        #expect(try decode([0x82, 0x7E, 0x01, 0x00] + long, pieces: pieces) == [.message(.binary(long))])
        let longer = [UInt8](repeating: 7, count: 65_536)
        #expect(
            try decode([0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + longer, pieces: max(pieces, 7))
                == [.message(.binary(longer))])
    }

    @Test(arguments: [1, 4, .max]) func `reads the examples of RFC 7692`(pieces: Int) throws {
        let compression = MessageCompression()
        let hello: [UInt8] = [0xC1, 0x07, 0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
        let again: [UInt8] = [0xC1, 0x05, 0xF2, 0x00, 0x11, 0x00, 0x00]
        #expect(
            try decode(hello + again, compression: compression, pieces: pieces)
                == [.message(.text("Hello")), .message(.text("Hello"))])
        let fragments: [UInt8] = [0x41, 0x03, 0xF2, 0x48, 0xCD, 0x80, 0x04, 0xC9, 0xC9, 0x07, 0x00]
        #expect(try decode(fragments, compression: compression, pieces: pieces) == [.message(.text("Hello"))])
        let stored: [UInt8] = [0xC1, 0x0B, 0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00]
        #expect(try decode(stored, compression: compression, pieces: pieces) == [.message(.text("Hello"))])
        let final: [UInt8] = [0xC1, 0x08, 0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00]
        #expect(
            try decode(final + again, compression: compression, pieces: pieces)
                == [.message(.text("Hello")), .message(.text("Hello"))])
        let twoBlocks: [UInt8] = [
            0xC1, 0x0D, 0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00,
        ]
        #expect(try decode(twoBlocks, compression: compression, pieces: pieces) == [.message(.text("Hello"))])
    }

    @Test func `lets control frames come between fragments`() throws {
        let bytes: [UInt8] = [0x01, 0x01, 0x61, 0x89, 0x01, 0x78, 0x8A, 0x00, 0x00, 0x01, 0x62, 0x80, 0x00]
        #expect(try decode(bytes) == [.ping([0x78]), .pong([]), .message(.text("ab"))])
    }

    @Test func `reads a farewell with and without a code`() throws {
        #expect(try decode([0x88, 0x00]) == [.close(nil, reason: "")])
        #expect(try decode([0x88, 0x05, 0x03, 0xE9, 0x62, 0x79, 0x65]) == [.close(.goingAway, reason: "bye")])
    }

    @Test(
        arguments: [
            ([0x91, 0x00], "reserved bit set"),
            ([0xA1, 0x00], "reserved bit set"),
            ([0xC1, 0x00], "reserved bit set"),
            ([0x83, 0x00], "reserved opcode"),
            ([0x8B, 0x00], "reserved opcode"),
            ([0x81, 0x80], "frame is masked"),
            ([0x09, 0x00], "control frame is fragmented"),
            ([0x89, 0x7E], "control frame is longer than 125 bytes"),
            ([0x80, 0x00], "nothing to continue"),
            ([0x01, 0x00, 0x81, 0x00], "message begins inside another"),
            ([0x81, 0x7E, 0x00, 0x7D], "length is not in its shortest form"),
            ([0x82, 0x7F, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], "length is not in its shortest form"),
            ([0x82, 0x7F, 0x80, 0, 0, 0, 0, 0, 0, 0], "length has its highest bit set"),
            ([0x88, 0x01, 0x03], "close code is cut short"),
            ([0x88, 0x02, 0x03, 0xED], "close code 1005 is not allowed"),
            ([0x88, 0x02, 0x07, 0xD0], "close code 2000 is not allowed"),
        ] as [([UInt8], String)])
    func `refuses what breaks the protocol`(bytes: [UInt8], reason: String) {
        #expect(throws: WebSocketFailure(.protocolError, reason)) { try decode(bytes) }
    }

    @Test func `insists on masks from clients`() {
        #expect(throws: WebSocketFailure(.protocolError, "frame is not masked")) {
            try decode([0x81, 0x05], as: .server)
        }
    }

    @Test func `notices text that is not UTF-8 before its frame is whole`() {
        #expect(throws: WebSocketFailure(.invalidPayload, "text is not UTF-8")) {
            try decode([0x81, 0x7E, 0x01, 0x00, 0x61, 0xCE, 0xBA, 0xED, 0xA0])
        }
        #expect(throws: WebSocketFailure(.invalidPayload, "text ends inside a character")) {
            try decode([0x81, 0x01, 0xCE])
        }
        #expect(throws: WebSocketFailure(.invalidPayload, "close reason is not UTF-8")) {
            try decode([0x88, 0x03, 0x03, 0xE8, 0xFF])
        }
    }

    @Test func `refuses long messages by their headers alone`() {
        let tooBig = WebSocketFailure(.messageTooBig, "message is longer than 1000 bytes")
        #expect(throws: tooBig) { try decode([0x82, 0x7E, 0x03, 0xE9], maxMessageSize: 1000) }
        #expect(throws: tooBig) {
            try decode([0x82, 0x7F, 0x7F, 0, 0, 0, 0, 0, 0, 0], maxMessageSize: 1000)
        }
        #expect(throws: tooBig) {
            try decode(
                [0x02, 0x7E, 0x02, 0x58] + [UInt8](repeating: 0, count: 600) + [0x80, 0x7E, 0x01, 0x91],
                maxMessageSize: 1000)
        }
    }

    @Test func `stops inflating at the limit`() {
        var encoder = WebSocketEncoder(role: .server, compression: MessageCompression())
        var bomb = ByteBuffer()
        let zeros = WebSocketMessage.binary([UInt8](repeating: 0, count: 10 << 20))
        encoder.encode(zeros, into: &bomb)
        bomb.clear()
        encoder.encode(zeros, into: &bomb)
        #expect(bomb.readableBytes < 20_000)
        let bytes = Array(bomb.readableBytesView)
        #expect(throws: WebSocketFailure(.messageTooBig, "message is longer than 1000000 bytes")) {
            try decode(bytes, maxMessageSize: 1_000_000, compression: MessageCompression())
        }
    }

    @Test func `tells damaged compression from text`() {
        #expect(throws: WebSocketFailure(.invalidPayload, "compressed data is damaged")) {
            try decode([0xC1, 0x03, 0xFF, 0xFF, 0xFF], compression: MessageCompression())
        }
    }

    @Test func `survives anything`() throws {
        var random = SplitMix(seed: 1)
        let seeds: [[UInt8]] = [
            [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F],
            [0x01, 0x03, 0x48, 0x65, 0x6C, 0x89, 0x01, 0x78, 0x80, 0x02, 0x6C, 0x6F],
            [0xC1, 0x07, 0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0xC1, 0x05, 0xF2, 0x00, 0x11, 0x00, 0x00],
            [0x82, 0x7E, 0x01, 0x00] + [UInt8](repeating: 7, count: 256), [0x88, 0x02, 0x03, 0xE8],
        ]
        for round in 0..<4_000 {
            var bytes = seeds[round % seeds.count] + seeds[Int.random(in: seeds.indices, using: &random)]
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let place = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = .random(in: .min ... .max, using: &random)
                case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: bytes.insert(.random(in: .min ... .max, using: &random), at: place)
                default: if bytes.count > 1 { bytes.remove(at: place) }
                }
            }
            let role: WebSocketRole = round % 7 == 0 ? .server : .client
            // Whole or in pieces, it comes to the same.
            let whole = Result { try decode(bytes, as: role, maxMessageSize: 4096, compression: MessageCompression()) }
            let cut = Result {
                try decode(bytes, as: role, maxMessageSize: 4096, compression: MessageCompression(), pieces: 3)
            }
            switch (whole, cut) {
            case (.success(let left), .success(let right)): #expect(left == right)
            case (.failure, .failure): break
            default: Issue.record("\(bytes) means one thing whole and another in pieces")
            }
        }
    }
}

@Suite struct `a WebSocket encoder` {
    @Test func `masks what a client says, with a key that changes`() throws {
        var encoder = WebSocketEncoder(role: .client)
        var bytes = ByteBuffer()
        for _ in 0..<2 { encoder.encode(.text("Hello"), into: &bytes) }
        let frames = Array(bytes.readableBytesView)
        #expect(frames.count == 22)
        #expect(frames[..<2] == [0x81, 0x85])
        #expect(frames[2..<6] != frames[13..<17])
        var decoder = WebSocketDecoder(role: .server, maxMessageSize: 100)
        #expect(try decoder.next(from: &bytes) == .message(.text("Hello")))
    }

    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536, 1_000_003], [WebSocketRole.client, .server])
    func `writes what a decoder reads`(size: Int, role: WebSocketRole) throws {
        let message = WebSocketMessage.binary((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
        for compression in [nil, MessageCompression(), MessageCompression(serverWindowBits: 9, clientWindowBits: 9)] {
            var encoder = WebSocketEncoder(role: role, compression: compression)
            var decoder = WebSocketDecoder(role: role.other, maxMessageSize: 2 << 20, compression: compression)
            for _ in 0..<3 {
                var bytes = ByteBuffer()
                encoder.encode(message, into: &bytes)
                #expect(try decoder.next(from: &bytes) == .message(message))
                #expect(bytes.readableBytes == 0)
            }
        }
    }

    @Test func `learns from one message for the next, unless it may not`() {
        let text = (0..<100).map { "{\"number\": \($0), \"kind\": \"message\"}" }.joined()
        for keeps in [true, false] {
            var encoder = WebSocketEncoder(role: .server, compression: MessageCompression(serverKeepsContext: keeps))
            let sizes = (0..<3).map { _ in
                var bytes = ByteBuffer()
                encoder.encode(.text(text), into: &bytes)
                return bytes.readableBytes
            }
            #expect(keeps ? sizes[2] < sizes[1] / 2 : sizes[2] == sizes[1])
        }
    }

    @Test func `compresses nothing for a connection that gets one greeting`() {
        var encoder = WebSocketEncoder(role: .server, compression: MessageCompression())
        for text in ["short", String(repeating: "hello ", count: 1000), "short"] {
            var bytes = ByteBuffer()
            encoder.encode(.text(text), into: &bytes)
            #expect(bytes.readableBytes > text.utf8.count)
            #expect(!encoder.remembers)
        }
    }

    @Test func `forgets what it has sent once it is idle, and is read all the same`() throws {
        let text = (0..<100).map { "{\"number\": \($0), \"kind\": \"message\"}" }.joined()
        var encoder = WebSocketEncoder(role: .server, compression: MessageCompression())
        var decoder = WebSocketDecoder(role: .client, maxMessageSize: 1 << 20, compression: MessageCompression())
        /// Bytes of the text on the wire.
        func send() throws -> Int {
            var bytes = ByteBuffer()
            encoder.encode(.text(text), into: &bytes)
            let size = bytes.readableBytes
            #expect(try decoder.next(from: &bytes) == .message(.text(text)))
            return size
        }
        let plain = try send()
        let first = try send()
        #expect(first < plain / 2)
        encoder.rest()
        #expect(encoder.remembers)
        #expect(try send() < first / 2)
        encoder.rest()
        encoder.rest()
        #expect(!encoder.remembers)
        #expect(try send() == first)
        #expect(try send() < first / 2)
    }

    @Test func `cuts a reason that is too long between characters`() throws {
        let encoder = WebSocketEncoder(role: .server)
        var bytes = ByteBuffer()
        encoder.encodeClose(.normal, reason: String(repeating: "é", count: 100), into: &bytes)
        #expect(bytes.readableBytes == 2 + 2 + 122)
        var decoder = WebSocketDecoder(role: .client, maxMessageSize: 100)
        #expect(try decoder.next(from: &bytes) == .close(.normal, reason: String(repeating: "é", count: 61)))
    }

    @Test func `sends no code that may not be sent`() {
        let encoder = WebSocketEncoder(role: .server)
        for code in [WebSocketCloseCode.noStatus, .abnormal, 1015, 999, 5000] {
            var bytes = ByteBuffer()
            encoder.encodeClose(code, reason: "x", into: &bytes)
            #expect(Array(bytes.readableBytesView) == [0x88, 0x00])
        }
    }
}

@Suite struct `an agreement about compression` {
    @Test(arguments: [
        ("permessage-deflate", "permessage-deflate; server_max_window_bits=12"),
        (
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12"
        ),
        (
            "x-other, permessage-deflate; server_no_context_takeover; server_max_window_bits=\"10\"",
            "permessage-deflate; server_max_window_bits=10; server_no_context_takeover"
        ),
        (
            "permessage-deflate; server_max_window_bits=8, permessage-deflate; client_no_context_takeover",
            "permessage-deflate; server_max_window_bits=12; client_no_context_takeover"
        ),
    ])
    func `meets the first offer it can`(offer: String, response: String) throws {
        let answer = try #require(MessageCompression.accept(offers: [offer]))
        #expect(answer.response == response)
        #expect(try MessageCompression.accepted(by: [response]) == answer.agreed)
    }

    @Test(arguments: [
        "", "x-webkit-deflate-frame", "permessage-deflate; unknown", "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=16", "permessage-deflate; server_max_window_bits=+9",
        "permessage-deflate; client_no_context_takeover=1", "permessage-deflate;", ",",
        "permessage-deflate; server_max_window_bits=9; server_max_window_bits=10",
    ])
    func `does without where no offer can be met`(offer: String) {
        #expect(MessageCompression.accept(offers: [offer]) == nil)
    }

    @Test(arguments: [
        "permessage-deflate, permessage-deflate", "x-other", "permessage-deflate; client_max_window_bits",
        "permessage-deflate; server_max_window_bits=7", "permessage-deflate; magic",
    ])
    func `refuses an answer to what was not asked`(response: String) {
        #expect(throws: WebSocketFailure.self) { try MessageCompression.accepted(by: [response]) }
    }
}
