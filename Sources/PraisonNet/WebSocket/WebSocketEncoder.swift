import NIOCore
import PraisonCore

/// Turns messages and control frames into bytes (RFC 6455 §5 and §6.1, RFC 7692).
struct WebSocketEncoder {
    /// Shorter messages are not worth compressing.
    static let compressionThreshold = 256

    private let role: WebSocketRole
    private let compression: MessageCompression?
    private var deflater: Deflater?
    /// Whether a message worth compressing was sent. The first is sent as it is: many a connection hears one greeting and
    /// nothing more, and so never needs the memory of a ``Deflater``.
    private var isTalkative = false
    /// Whether anything was compressed since the last ``rest()``.
    private var isBusy = false

    init(role: WebSocketRole, compression: MessageCompression? = nil) {
        self.role = role
        self.compression = compression
    }

    mutating func encode(_ message: WebSocketMessage, into output: inout ByteBuffer) {
        switch message {
        case .text(var text):
            text.withUTF8 { encode(UnsafeRawBufferPointer($0), as: .text, into: &output) }
        case .binary(let bytes):
            bytes.withUnsafeBytes { encode($0, as: .binary, into: &output) }
        }
    }

    /// - Parameter payload: at most 125 bytes.
    func encode(_ opcode: FrameHeader.Opcode, _ payload: [UInt8], into output: inout ByteBuffer) {
        payload.withUnsafeBytes { write($0, as: opcode, isCompressed: false, into: &output) }
    }

    /// A close frame; codes that may not be sent make an empty one, and a reason too long is cut between characters.
    func encodeClose(_ code: WebSocketCloseCode?, reason: String, into output: inout ByteBuffer) {
        var payload: [UInt8] = []
        if let code, code.mayBeSent {
            payload = [UInt8(truncatingIfNeeded: code.rawValue >> 8), UInt8(truncatingIfNeeded: code.rawValue)]
            for scalar in reason.unicodeScalars {
                let bytes = Array(UTF8.encode(scalar).map(Array.init) ?? [])
                // RFC 6455 §5.5: a control frame carries at most 125 bytes.
                if payload.count + bytes.count > 125 { break }
                payload += bytes
            }
        }
        encode(.close, payload, into: &output)
    }

    private mutating func encode(
        _ payload: UnsafeRawBufferPointer, as opcode: FrameHeader.Opcode, into output: inout ByteBuffer
    ) {
        guard let compression, payload.count >= Self.compressionThreshold else {
            return write(payload, as: opcode, isCompressed: false, into: &output)
        }
        guard isTalkative else {
            isTalkative = true
            return write(payload, as: opcode, isCompressed: false, into: &output)
        }
        let deflater = self.deflater ?? Deflater(windowBits: compression.windowBits(of: role))
        self.deflater = compression.keepsContext(of: role) ? deflater : nil
        isBusy = true
        let compressed = deflater.deflate(payload)
        compressed.withUnsafeBytes { write($0, as: opcode, isCompressed: true, into: &output) }
    }

    /// Whether it remembers what it has sent, which takes most of an idle connection's memory.
    var remembers: Bool { deflater != nil }

    /// Forgets what it has sent, unless it was busy since the last call. A sender may do so at any time: nobody has to
    /// refer to what came before (RFC 7692 §7.2.1).
    mutating func rest() {
        if !isBusy { deflater = nil }
        isBusy = false
    }

    private func write(
        _ payload: UnsafeRawBufferPointer, as opcode: FrameHeader.Opcode, isCompressed: Bool,
        into output: inout ByteBuffer
    ) {
        let mask = role == .client ? MaskingKey.random() : nil
        output.reserveCapacity(minimumWritableBytes: FrameHeader.maxSize + payload.count)
        FrameHeader(opcode: opcode, isCompressed: isCompressed, mask: mask, length: payload.count).write(to: &output)
        let start = output.readableBytes
        output.writeBytes(payload)
        if let mask {
            output.withUnsafeMutableReadableBytes { bytes in
                mask.apply(to: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]), position: 0)
            }
        }
    }
}

extension FrameHeader {
    func write(to output: inout ByteBuffer) {
        output.writeInteger((isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0) | opcode.rawValue)
        let masked: UInt8 = mask == nil ? 0 : 0x80
        switch length {
        case ...125:
            output.writeInteger(masked | UInt8(length))
        case ...0xFFFF:
            output.writeInteger(masked | 126)
            output.writeInteger(UInt16(length))
        default:
            output.writeInteger(masked | 127)
            output.writeInteger(UInt64(length))
        }
        if let mask { output.writeBytes(mask.bytes) }
    }
}
