// `websocket-autobahn-client --url U`: lets a fuzzing server of the Autobahn suite test our WebSocket client.

import Logging
import PraisonCore
import PraisonNet

#if canImport(Glibc)
    import Glibc
#endif

let arguments = CommandLine.arguments
guard arguments.count == 3, arguments[1] == "--url" else {
    print("usage: websocket-autobahn-client --url ws://127.0.0.1:9001")
    exit(64)
}
let url = arguments[2]
let client = NIOWebSocketClient(logger: Logger(label: "websocket-autobahn-client"))
// The suite sends messages of 16 MiB.
let limits = WebSocketLimits(messageSize: 64 << 20)

let count = try await client.connect(to: url + "/getCaseCount", limits: limits) { connection in
    guard case .text(let text)? = try await connection.receive() else { return 0 }
    return Int(text) ?? 0
}
for number in 1...max(1, count) {
    do {
        try await client.connect(to: "\(url)/runCase?case=\(number)&agent=praisonai", limits: limits) { connection in
            while let message = try await connection.receive() { try await connection.send(message) }
        }
    } catch let error as WebSocketConnectError {
        print("case \(number): \(error)")
    } catch is WebSocketClosed {
        // The server ends a case when it has seen enough.
    }
}
try await client.connect(to: url + "/updateReports?agent=praisonai", limits: limits) { connection in
    _ = try await connection.receive()
}
