import NIOCore
import PraisonCore

/// Turns the bytes of a WebSocket into messages and control frames (RFC 6455 §5 and §6.2, RFC 7692).
///
/// Bytes may be cut anywhere. What breaks the protocol fails at the first byte that tells so: a text inside a frame
/// that is not UTF-8, or a message too long before memory is taken for it. After a failure or a close frame there is
/// nothing more to decode.
struct WebSocketDecoder {
    enum Event: Equatable {
        case message(WebSocketMessage)
        case ping([UInt8])
        case pong([UInt8])
        /// The code is `nil` where the frame carried none.
        case close(WebSocketCloseCode?, reason: String)
    }

    private let role: WebSocketRole
    private let maxMessageSize: Int
    private let compression: MessageCompression?

    private var headerBytes = InlineArray<14, UInt8>(repeating: 0)
    private var headerCount = 0
    private var opcode = FrameHeader.Opcode.continuation
    private var frame: FrameHeader?
    /// Payload bytes of the frame already taken.
    private var position = 0
    /// The payload of the control frame; it may stand between the fragments of a message.
    private var control: [UInt8] = []

    /// The kind of the message whose fragments arrive.
    private var kind: FrameHeader.Opcode?
    private var message: [UInt8] = []
    private var utf8 = UTF8Validator()
    private var isCompressed = false
    /// Bytes of the message before they were inflated.
    private var compressedSize = 0
    private var inflater: Inflater?

    /// - Parameters:
    ///   - maxMessageSize: bytes of a message, after decompression.
    ///   - compression: what was agreed on, if anything was.
    init(role: WebSocketRole, maxMessageSize: Int, compression: MessageCompression? = nil) {
        self.role = role
        self.maxMessageSize = maxMessageSize
        self.compression = compression
    }

    /// Takes bytes from `input` up to the end of the next event; `nil` when they are used up before.
    mutating func next(from input: inout ByteBuffer) throws(WebSocketFailure) -> Event? {
        while true {
            if self.frame == nil { self.frame = try header(from: &input) }
            guard let frame = self.frame else { return nil }
            let count = min(frame.length - position, input.readableBytes)
            if frame.opcode.isControl {
                takeControl(count, of: frame, from: &input)
            } else if count > 0 {
                try take(count, of: frame, from: &input)
            }
            guard position == frame.length else { return nil }
            self.frame = nil
            if frame.opcode.isControl { return try controlEvent(frame.opcode) }
            if frame.isFinal { return .message(try finishMessage()) }
        }
    }

    // MARK: - Headers

    private mutating func header(from input: inout ByteBuffer) throws(WebSocketFailure) -> FrameHeader? {
        var size = headerCount < 2 ? 2 : FrameHeader.size(headerBytes[1])
        while headerCount < size {
            guard let byte = input.readInteger(as: UInt8.self) else { return nil }
            headerBytes[headerCount] = byte
            headerCount += 1
            if headerCount == 2 {
                opcode = try FrameHeader.check(headerBytes[0], headerBytes[1], for: role)
                try checkSequence(isCompressed: headerBytes[0] & 0x40 != 0)
                size = FrameHeader.size(headerBytes[1])
            }
        }
        let header = try FrameHeader(headerBytes, opcode: opcode)
        (headerCount, position) = (0, 0)
        if !opcode.isControl { try begin(header) }
        return header
    }

    /// RFC 6455 §5.4: fragments of one message follow each other; only control frames come between them.
    private func checkSequence(isCompressed: Bool) throws(WebSocketFailure) {
        switch opcode {
        case .continuation:
            guard kind != nil else { throw .protocolError("nothing to continue") }
        case .text, .binary:
            guard kind == nil else { throw .protocolError("message begins inside another") }
        case .close, .ping, .pong:
            break
        }
        // RFC 7692 §6.1: only a message's first frame says whether it is compressed.
        let mayBeCompressed = compression != nil && (opcode == .text || opcode == .binary)
        guard !isCompressed || mayBeCompressed else { throw .protocolError("reserved bit set") }
    }

    private mutating func begin(_ header: FrameHeader) throws(WebSocketFailure) {
        if header.opcode != .continuation {
            kind = header.opcode
            isCompressed = header.isCompressed
            (utf8, compressedSize) = (UTF8Validator(), 0)
        }
        // Data that does not compress grows a little when it is compressed all the same.
        let limit = isCompressed ? maxMessageSize + maxMessageSize / 64 + 1024 : maxMessageSize
        let taken = isCompressed ? compressedSize : message.count
        guard header.length <= limit - taken else { throw tooBig }
    }

    private var tooBig: WebSocketFailure {
        WebSocketFailure(.messageTooBig, "message is longer than \(maxMessageSize) bytes")
    }

    // MARK: - Messages

    private mutating func take(
        _ count: Int, of frame: FrameHeader, from input: inout ByteBuffer
    ) throws(WebSocketFailure) {
        let start = message.count
        if isCompressed {
            var bytes: [UInt8] = []
            bytes.append(count, of: frame, at: position, from: &input)
            position += count
            compressedSize += count
            try inflate(bytes)
        } else {
            message.append(count, of: frame, at: position, from: &input)
            position += count
        }
        try validate(from: start)
    }

    private mutating func inflate(_ bytes: [UInt8]) throws(WebSocketFailure) {
        guard let compression else { return }
        let inflater = self.inflater ?? Inflater(windowBits: compression.windowBits(of: role.other))
        self.inflater = inflater
        try inflater.inflate(bytes, into: &message, limit: maxMessageSize)
    }

    private mutating func validate(from start: Int) throws(WebSocketFailure) {
        guard kind == .text else { return }
        let isValid = message.withUnsafeBytes { utf8.accept(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        guard isValid else { throw WebSocketFailure(.invalidPayload, "text is not UTF-8") }
    }

    private mutating func finishMessage() throws(WebSocketFailure) -> WebSocketMessage {
        if isCompressed {
            let start = message.count
            // RFC 7692 §7.2.2: the sender cut off this end.
            try inflate([0x00, 0x00, 0xFF, 0xFF])
            try validate(from: start)
            if compression?.keepsContext(of: role.other) == false { inflater = nil }
        }
        let isText = kind == .text
        guard !isText || utf8.isComplete else {
            throw WebSocketFailure(.invalidPayload, "text ends inside a character")
        }
        let bytes = message
        (kind, message) = (nil, [])
        return isText ? .text(String(decoding: bytes, as: UTF8.self)) : .binary(bytes)
    }

    // MARK: - Control frames

    private mutating func takeControl(_ count: Int, of frame: FrameHeader, from input: inout ByteBuffer) {
        if position == 0 { control = [] }
        control.append(count, of: frame, at: position, from: &input)
        position += count
    }

    private mutating func controlEvent(_ opcode: FrameHeader.Opcode) throws(WebSocketFailure) -> Event {
        let payload = control
        control = []
        switch opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        default: return try closeEvent(payload)
        }
    }

    private func closeEvent(_ payload: [UInt8]) throws(WebSocketFailure) -> Event {
        if payload.isEmpty { return .close(nil, reason: "") }
        guard payload.count >= 2 else { throw .protocolError("close code is cut short") }
        let code = WebSocketCloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.mayBeSent else { throw .protocolError("close code \(code.rawValue) is not allowed") }
        guard let reason = String(validating: payload[2...], as: UTF8.self) else {
            throw WebSocketFailure(.invalidPayload, "close reason is not UTF-8")
        }
        return .close(code, reason: reason)
    }
}

extension [UInt8] {
    /// Appends `count` bytes of a frame's payload, unmasked, the first being number `position` of it.
    fileprivate mutating func append(
        _ count: Int, of frame: FrameHeader, at position: Int, from input: inout ByteBuffer
    ) {
        let start = self.count
        input.readWithUnsafeReadableBytes { readable in
            append(contentsOf: UnsafeRawBufferPointer(rebasing: readable[..<count]))
            return count
        }
        guard let mask = frame.mask else { return }
        withUnsafeMutableBytes { all in
            mask.apply(to: UnsafeMutableRawBufferPointer(rebasing: all[start...]), position: position)
        }
    }
}

extension WebSocketRole {
    var other: WebSocketRole { self == .client ? .server : .client }
}

extension WebSocketCloseCode {
    /// Whether the code may stand in a close frame (RFC 6455 §7.4, and what IANA has registered since).
    var mayBeSent: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
