import PraisonCore

/// The chat page at `/`: one document with everything in it, which speaks the same frames as every other client.
struct ChatPage: Sendable {
    private let head: String
    private let style: String
    private let middle: String
    private let script: String
    private let tail: String

    init() {
        let document = String(decoding: PackageResources.chat_html, as: UTF8.self)
        style = String(decoding: PackageResources.chat_css, as: UTF8.self)
        script = String(decoding: PackageResources.chat_js, as: UTF8.self)
        let parts = document.split(separator: "<!--style-->", maxSplits: 1, omittingEmptySubsequences: false)
        let rest = parts.last?.split(separator: "<!--script-->", maxSplits: 1, omittingEmptySubsequences: false) ?? []
        head = parts.first.map(String.init) ?? ""
        middle = rest.first.map(String.init) ?? ""
        tail = rest.count > 1 ? String(rest[1]) : ""
    }

    /// Only this document's own style and script run, known by a nonce that is new every time; and they reach nobody
    /// but this gateway.
    func response(to request: HTTPRequest, entropy: any Entropy) -> HTTPResponse {
        let nonce = entropy.bytes(16).map(Hex.text).joined()
        let html =
            head + "<style nonce=\"\(nonce)\">\n\(style)</style>" + middle
            + "<script nonce=\"\(nonce)\">\n\(script)</script>" + tail
        var response = HTTPResponse.text(html, type: "text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] =
            "default-src 'none'; style-src 'nonce-\(nonce)'; script-src 'nonce-\(nonce)'; "
            + "connect-src 'self'\(Self.webSocketSource(request)); img-src data:; base-uri 'none'; "
            + "form-action 'none'; frame-ancestors 'none'"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cache-Control"] = "no-store"
        return response
    }

    /// Some browsers do not count `ws:` of the same host as `'self'`.
    private static func webSocketSource(_ request: HTTPRequest) -> String {
        guard let host = request.headers["Host"], !host.isEmpty, host.utf8.count < 256,
            host.utf8.allSatisfy({ isHostByte($0) })
        else { return "" }
        return " ws://\(host) wss://\(host)"
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"),
            UInt8(ascii: "["), UInt8(ascii: "]"):
            true
        default: false
        }
    }
}
