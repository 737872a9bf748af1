import NIOCore
import NIOHTTP1
import PraisonCore

/// A client's half of the opening handshake (RFC 6455 §4.1).
struct ClientUpgrade: Sendable {
    let url: WebSocketURL
    let headers: PraisonCore.HTTPHeaders
    let options: WebSocketOptions
    let offersCompression: Bool

    /// Asks for the upgrade.
    ///
    /// - Parameter channel: one that is connected, or was.
    func begin(on channel: any Channel, _ opened: EventLoopPromise<ChannelWebSocket>) throws {
        let key = WebSocketHandshake.makeKey()
        try ResponseCollector.ask(request(key), on: channel) { result in
            do {
                let response = try result.get()
                let webSocket = try accept(response, key, channel)
                response.leave().whenComplete { _ in
                    opened.succeed(webSocket)
                    channel.read()
                }
            } catch {
                opened.fail(error)
            }
        }
    }

    private func request(_ key: String) -> HTTPRequestHead {
        let own: Set = [
            "connection", "host", "upgrade", "sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions",
        ]
        var fields = NIOHTTP1.HTTPHeaders([
            ("Host", headers["Host"] ?? url.authority), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
            ("Sec-WebSocket-Key", key), ("Sec-WebSocket-Version", WebSocketHandshake.version),
        ])
        if offersCompression { fields.add(name: "Sec-WebSocket-Extensions", value: MessageCompression.offer) }
        for field in headers.fields where !own.contains(field.name.lowercased()) {
            fields.add(name: field.name, value: field.value)
        }
        return HTTPRequestHead(version: .http1_1, method: .GET, uri: url.target, headers: fields)
    }

    /// Checks the answer and puts the WebSocket behind whatever is in the pipeline.
    private func accept(
        _ response: ResponseCollector.Response, _ key: String, _ channel: any Channel
    ) throws(WebSocketConnectError) -> ChannelWebSocket {
        guard response.status == 101 else {
            throw .refused(status: response.status, body: String(decoding: response.body, as: UTF8.self))
        }
        let headers = response.headers
        guard headers.list("Upgrade") == ["websocket"], headers.list("Connection").contains("upgrade") else {
            throw .invalidHandshake(reason: "the server switches to something else than a WebSocket")
        }
        guard headers.values(of: "Sec-WebSocket-Accept") == [WebSocketHandshake.accept(key)] else {
            throw .invalidHandshake(reason: "Sec-WebSocket-Accept does not belong to our key")
        }
        let offered = self.headers.list("Sec-WebSocket-Protocol")
        guard headers.list("Sec-WebSocket-Protocol").allSatisfy(offered.contains) else {
            throw .invalidHandshake(reason: "Sec-WebSocket-Protocol names a protocol that was not offered")
        }
        var options = options
        do throws(WebSocketFailure) {
            let extensions = headers.values(of: "Sec-WebSocket-Extensions")
            options.compression = try MessageCompression.accepted(by: extensions)
            if options.compression != nil, !offersCompression {
                throw WebSocketFailure.protocolError("Sec-WebSocket-Extensions answers what was not offered")
            }
        } catch {
            throw .invalidHandshake(reason: error.reason)
        }
        let webSocket = ChannelWebSocket(
            channel: channel, role: .client, options: options, peer: channel.remoteAddress?.ipAddress)
        do {
            try channel.pipeline.syncOperations.addHandler(WebSocketChannelHandler(webSocket, options: options))
        } catch {
            throw .closed
        }
        return webSocket
    }
}
