import NIOCore
import NIOHTTP1
import PraisonCore

/// Asks a proxy to pass bytes through to a server (RFC 9110 §9.3.6).
enum ProxyConnector {
    /// - Parameter next: sets up the pipeline for the server, once the proxy has connected to it.
    static func connect(
        _ channel: any Channel, to url: WebSocketURL, through proxy: ConnectProxy,
        failing opened: EventLoopPromise<ChannelWebSocket>, then next: @escaping @Sendable () throws -> Void
    ) throws {
        let name = url.host.contains(":") ? "[\(url.host)]" : url.host
        let authority = "\(name):\(url.port)"
        var request = HTTPRequestHead(version: .http1_1, method: .CONNECT, uri: authority)
        request.headers.add(name: "Host", value: authority)
        if let authorization = proxy.authorization {
            request.headers.add(name: "Proxy-Authorization", value: authorization.reveal())
        }
        try ResponseCollector.ask(request, on: channel) { result in
            do {
                let response = try result.get()
                guard (200..<300).contains(response.status) else {
                    throw WebSocketConnectError.transport(
                        HTTPError(
                            .couldNotConnect, mayHaveReachedServer: false,
                            detail: "the proxy \(proxy.host):\(proxy.port) answered CONNECT with \(response.status)"))
                }
                response.leave().assumeIsolated().whenComplete { _ in
                    do { try next() } catch { opened.fail(error) }
                }
            } catch {
                opened.fail(error)
            }
        }
    }
}
