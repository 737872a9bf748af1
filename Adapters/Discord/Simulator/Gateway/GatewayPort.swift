import PraisonCore
import PraisonSimulation
import Synchronization

/// The server's end of one connection: sends in order, compressed or not.
final class GatewayPort: Sendable {
    enum Item: Sendable {
        case text(String, pause: Duration?)
        case close(WebSocketCloseCode)
        /// Without a word, as a pulled cable does.
        case cut
    }

    private let (items, sink) = AsyncStream.makeStream(of: Item.self, bufferingPolicy: .bufferingOldest(20_000))
    private let connection: any WebSocketConnection
    private let clock: any GatewayClock
    private let compresses: Bool
    private let host: String
    private let faults: FaultList
    private let silent = Atomic(false)

    init(
        _ connection: any WebSocketConnection, compresses: Bool, host: String, clock: any GatewayClock,
        faults: FaultList
    ) {
        self.connection = connection
        self.compresses = compresses
        self.host = host
        self.clock = clock
        self.faults = faults
    }

    /// Nothing is said any more, and nobody says why.
    func fallSilent() { silent.store(true, ordering: .relaxed) }
    var isSilent: Bool { silent.load(ordering: .relaxed) }

    func send(_ text: String, isDispatch: Bool = false) {
        let slow = isDispatch ? faults.takeOwn("slow_inflate", of: text)?["seconds"]?.double ?? nil : nil
        sink.yield(.text(isDispatch ? World.addressed(text, host) : text, pause: slow.map { .seconds($0) }))
    }

    func close(_ code: UInt16) { sink.yield(.close(WebSocketCloseCode(rawValue: code))) }
    func cut() { sink.yield(.cut) }
    func finish() { sink.finish() }

    /// Sends until finished.
    func run() async {
        var isFirst = true
        for await item in items {
            if isSilent { continue }
            do {
                switch item {
                case .text(let text, let pause):
                    guard compresses else {
                        if let pause { try await clock.sleep(for: pause) }
                        try await connection.send(.text(text))
                        continue
                    }
                    let bytes = StoredDeflate.flushed(Array(text.utf8), isFirst: isFirst)
                    isFirst = false
                    if let pause, bytes.count > 8 {
                        let half = bytes.count / 2
                        try await connection.send(.binary(Array(bytes[..<half])))
                        try await clock.sleep(for: pause)
                        try await connection.send(.binary(Array(bytes[half...])))
                    } else {
                        try await connection.send(.binary(bytes))
                    }
                case .close(let code): connection.close(code, reason: "")
                case .cut:
                    if let cable = connection as? InMemoryWebSocket {
                        cable.cut()
                    } else {
                        connection.close(.internalError, reason: "")
                    }
                }
            } catch {
                return
            }
        }
    }
}

/// A zlib stream whose blocks are stored as they are (RFC 1951 §3.2.4): compressed in form, which is what matters here.
enum StoredDeflate {
    /// `content`, and the empty block with which a stream is flushed.
    static func flushed(_ content: [UInt8], isFirst: Bool) -> [UInt8] {
        var output: [UInt8] = isFirst ? [0x78, 0x01] : []
        output.reserveCapacity(content.count + 64)
        var rest = content[...]
        while !rest.isEmpty {
            let block = rest.prefix(0xFFFF)
            output += header(block.count)
            output += block
            rest = rest.dropFirst(block.count)
        }
        return output + header(0)
    }

    private static func header(_ count: Int) -> [UInt8] {
        let low = UInt8(count & 0xFF)
        let high = UInt8(count >> 8)
        return [0x00, low, high, ~low, ~high]
    }
}
