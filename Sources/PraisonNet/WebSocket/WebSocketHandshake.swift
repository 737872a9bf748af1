internal import COpenSSL
import PraisonCore

/// The words both ends say before a connection is a WebSocket (RFC 6455 §4).
enum WebSocketHandshake {
    static let version = "13"

    /// What a server answers to `Sec-WebSocket-Key`, to show that it has read it (§4.2.2).
    static func accept(_ key: String) -> String {
        let text = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
        var digest = [UInt8](repeating: 0, count: 20)
        var size: UInt32 = 0
        EVP_Digest(text, text.count, &digest, &size, EVP_sha1(), nil)
        return base64(digest)
    }

    /// A nonce of 16 bytes (§4.1).
    static func makeKey() -> String {
        base64((0..<16).map { _ in .random(in: .min ... .max) })
    }

    static func base64(_ bytes: [UInt8]) -> String {
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
        return String(decoding: text.prefix(Int(count)), as: UTF8.self)
    }

    /// Why a request can't become a WebSocket (§4.2.1), as the answer to it; `nil` if it can.
    static func refusal(of request: HTTPRequest, isHTTP11: Bool) -> HTTPResponse? {
        guard request.method == .get, isHTTP11, request.headers.list("Connection").contains("upgrade"),
            request.headers.list("Upgrade").contains("websocket")
        else {
            var response = HTTPResponse.text("this is a WebSocket; ask for it with an upgrade\n", status: 426)
            response.headers["Upgrade"] = "websocket"
            response.headers["Sec-WebSocket-Version"] = version
            return response
        }
        guard request.headers.values(of: "Sec-WebSocket-Version") == [version] else {
            var response = HTTPResponse.text("Sec-WebSocket-Version must be 13\n", status: 426)
            response.headers["Upgrade"] = "websocket"
            response.headers["Sec-WebSocket-Version"] = version
            return response
        }
        let keys = request.headers.values(of: "Sec-WebSocket-Key")
        guard keys.count == 1, isNonce(keys[0]) else {
            return .text("Sec-WebSocket-Key must be 16 bytes in base64\n", status: 400)
        }
        return nil
    }

    /// 16 bytes in base64 are 22 digits and two signs of padding.
    private static func isNonce(_ key: String) -> Bool {
        let isDigit: (UInt8) -> Bool = { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                true
            default: false
            }
        }
        return key.utf8.count == 24 && key.hasSuffix("==") && key.utf8.dropLast(2).allSatisfy(isDigit)
    }
}

extension HTTPHeaders {
    /// The comma-separated words of all fields called `name`, in lower case.
    func list(_ name: String) -> [String] {
        values(of: name).flatMap { $0.split(separator: ",") }.map { word in
            let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
            let start = word.drop(while: isSpace)
            return start.lastIndex { !isSpace($0) }.map { start[...$0].lowercased() } ?? ""
        }
    }
}
