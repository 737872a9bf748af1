import NIOCore
import NIOHTTP1
import PraisonCore

#if canImport(Glibc)
    import Glibc
#endif

/// A response's status line and header fields on their way out (RFC 9112 §4 and §6).
struct ResponseHead {
    /// How the client learns where the body ends.
    enum Framing: Equatable {
        /// There is none, and no length either (RFC 9110 §8.6).
        case none
        case length(Int)
        case chunked
        case untilClose
    }

    private let status: Int
    private let isHTTP11: Bool
    private var fields: [PraisonCore.HTTPHeaders.Field]

    init(_ response: HTTPResponse, isHTTP11: Bool, framing: Framing, isPersistent: Bool) {
        status = response.status
        self.isHTTP11 = isHTTP11
        // These say how the message is carried, which is the server's business.
        let own: Set = ["connection", "content-length", "keep-alive", "transfer-encoding"]
        fields = response.headers.fields.filter { !own.contains($0.name.lowercased()) }
        switch framing {
        case .none, .untilClose: break
        case .length(let count): append("Content-Length", String(count))
        case .chunked: append("Transfer-Encoding", "chunked")
        }
        if !isPersistent {
            append("Connection", "close")
        } else if !isHTTP11 {
            append("Connection", "keep-alive")
        }
        if response.headers["Date"] == nil { append("Date", Self.date()) }
    }

    /// The answer that makes the connection a WebSocket (RFC 6455 §4.2.2).
    init(acceptingKey key: String, extensions: String?, headers: PraisonCore.HTTPHeaders) {
        (status, isHTTP11) = (101, true)
        let own: Set = [
            "connection", "content-length", "keep-alive", "sec-websocket-accept", "sec-websocket-extensions",
            "transfer-encoding", "upgrade",
        ]
        fields = headers.fields.filter { !own.contains($0.name.lowercased()) }
        append("Upgrade", "websocket")
        append("Connection", "Upgrade")
        append("Sec-WebSocket-Accept", WebSocketHandshake.accept(key))
        if let extensions { append("Sec-WebSocket-Extensions", extensions) }
    }

    private mutating func append(_ name: String, _ value: String) {
        fields.append(.init(name: name, value: value))
    }

    func bytes(followedBy body: [UInt8] = []) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(256 + body.count)
        let reason = HTTPResponseStatus(statusCode: status).reasonPhrase
        buffer.writeString("HTTP/1.\(isHTTP11 ? 1 : 0) \(status) \(reason)\r\n")
        for field in fields { buffer.writeString("\(field.name): \(field.value)\r\n") }
        buffer.writeStaticString("\r\n")
        buffer.writeBytes(body)
        return buffer
    }

    /// RFC 9110 §5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func date() -> String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][Int(parts.tm_wday)]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let two: (Int32) -> String = { $0 < 10 ? "0\($0)" : "\($0)" }
        let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        return "\(day), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900) \(clock) GMT"
    }
}
