import PraisonCore

/// Which end of a WebSocket this is. Clients mask what they send, servers do not (RFC 6455 §5.1).
enum WebSocketRole: Sendable {
    case client
    case server
}

/// The other end broke the protocol; the connection is closed with `code`.
struct WebSocketFailure: Error, Equatable {
    let code: WebSocketCloseCode
    let reason: String

    init(_ code: WebSocketCloseCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}

/// What stands before a frame's payload (RFC 6455 §5.2).
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-------+-+-------------+-------------------------------+
/// |F|R|R|R| opcode|M| length (7)  | length (16 or 64, if 126/127) |
/// +-+-+-+-+-------+-+-------------+-------------------------------+
/// | masking key (32), if M                                        |
/// +---------------------------------------------------------------+
/// ```
struct FrameHeader: Equatable {
    enum Opcode: UInt8 {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10

        var isControl: Bool { rawValue >= 8 }
    }

    /// The longest one: two bytes, eight of length, four of key.
    static let maxSize = 14

    var isFinal = true
    /// RSV1: the message is compressed (RFC 7692 §6).
    var isCompressed = false
    var opcode: Opcode
    var mask: MaskingKey?
    var length: Int

    /// How many bytes the header has that starts with these two.
    static func size(_ second: UInt8) -> Int {
        let length =
            switch second & 0x7F {
            case 126: 2
            case 127: 8
            default: 0
            }
        return 2 + length + (second & 0x80 == 0 ? 0 : 4)
    }

    /// Checks what can be told from the first two bytes alone, before more is waited for.
    static func check(_ first: UInt8, _ second: UInt8, for role: WebSocketRole) throws(WebSocketFailure) -> Opcode {
        guard first & 0x30 == 0 else { throw .protocolError("reserved bit set") }
        guard let opcode = Opcode(rawValue: first & 0x0F) else { throw .protocolError("reserved opcode") }
        guard (second & 0x80 != 0) == (role == .server) else {
            throw .protocolError(role == .server ? "frame is not masked" : "frame is masked")
        }
        if opcode.isControl {
            guard first & 0x80 != 0 else { throw .protocolError("control frame is fragmented") }
            guard second & 0x7F <= 125 else { throw .protocolError("control frame is longer than 125 bytes") }
        }
        return opcode
    }

    /// Reads a whole header whose first two bytes have passed ``check(_:_:for:)``.
    init(_ bytes: InlineArray<14, UInt8>, opcode: Opcode) throws(WebSocketFailure) {
        isFinal = bytes[0] & 0x80 != 0
        isCompressed = bytes[0] & 0x40 != 0
        self.opcode = opcode
        let short = bytes[1] & 0x7F
        var position = 2
        if short < 126 {
            length = Int(short)
        } else {
            let size = short == 126 ? 2 : 8
            var long: UInt64 = 0
            for _ in 0..<size {
                long = long << 8 | UInt64(bytes[position])
                position += 1
            }
            guard long <= UInt64(Int.max) else { throw .protocolError("length has its highest bit set") }
            // RFC 6455 §5.2: the minimal number of bytes must be used.
            guard long > (size == 2 ? 125 : 0xFFFF) else { throw .protocolError("length is not in its shortest form") }
            length = Int(long)
        }
        if bytes[1] & 0x80 != 0 {
            mask = MaskingKey(bytes[position], bytes[position + 1], bytes[position + 2], bytes[position + 3])
        }
    }

    init(opcode: Opcode, isCompressed: Bool = false, mask: MaskingKey?, length: Int) {
        self.isCompressed = isCompressed
        self.opcode = opcode
        self.mask = mask
        self.length = length
    }
}

extension WebSocketFailure {
    static func protocolError(_ reason: String) -> Self { Self(.protocolError, reason) }
}

/// Four bytes a payload is XORed with (RFC 6455 §5.3).
struct MaskingKey: Equatable {
    /// In the order of the wire, the first in the lowest byte.
    private let word: UInt32

    init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
        word = UInt32(first) | UInt32(second) << 8 | UInt32(third) << 16 | UInt32(fourth) << 24
    }

    static func random() -> MaskingKey {
        MaskingKey(word: .random(in: .min ... .max))
    }

    private init(word: UInt32) { self.word = word }

    var bytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }

    /// Masks, or unmasks, bytes whose first one is number `position` of the payload.
    func apply(to bytes: UnsafeMutableRawBufferPointer, position: Int) {
        let turn = UInt32(truncatingIfNeeded: position & 3) * 8
        let turned = turn == 0 ? word : word >> turn | word << (32 - turn)
        let double = (UInt64(turned) << 32 | UInt64(turned)).littleEndian
        var index = 0
        while index + 8 <= bytes.count {
            let value = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            bytes.storeBytes(of: value ^ double, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < bytes.count {
            bytes[index] ^= UInt8(truncatingIfNeeded: turned >> UInt32(8 * (index & 3)))
            index += 1
        }
    }
}
