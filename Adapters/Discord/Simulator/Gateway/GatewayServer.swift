import PraisonCore
import PraisonSimulation

/// Serves one connection to the gateway.
///
/// Source: https://docs.discord.com/developers/events/gateway
struct GatewayServer: WebSocketHandler {
    /// Payloads of a client a minute; more are closed with 4008.
    private static let sendLimit = 120
    /// Bytes of a client's payload; larger ones are closed with 4002.
    private static let payloadLimit = 4096
    static let heartbeatInterval = 41_250

    let simulator: DiscordSimulator
    let host: String
    let version: Int
    let compresses: Bool
    /// Whether any token is refused.
    var refusesTokens = false

    init(simulator: DiscordSimulator, request: HTTPRequest, host: String, refusesTokens: Bool = false) {
        self.simulator = simulator
        self.host = host
        self.refusesTokens = refusesTokens
        version = request.query("v").flatMap { Int($0) } ?? 10
        compresses = request.query("compress") == "zlib-stream"
    }

    func handle(_ connection: any WebSocketConnection) async throws {
        let port = GatewayPort(
            connection, compresses: compresses, host: host, clock: simulator.clock, faults: simulator.control.faults)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await port.run() }
            guard (6...10).contains(version) else {
                port.close(4012)
                return port.finish()
            }
            port.send(
                JSONValue.object([
                    "op": 10, "s": nil, "t": nil,
                    "d": ["heartbeat_interval": JSONValue(Self.heartbeatInterval), "_trace": ["[\"simulator\"]"]],
                ]).text())
            await listen(connection, port)
            port.finish()
        }
    }

    private func listen(_ connection: any WebSocketConnection, _ port: GatewayPort) async {
        var session: String?
        var sends: [Duration] = []
        while let message = try? await connection.receive() {
            if port.isSilent { continue }
            let now = simulator.clock.uptime
            sends.removeAll { $0 + .seconds(60) <= now }
            sends.append(now)
            // SDKs send text or binary alike.
            let bytes: [UInt8] =
                switch message {
                case .text(let text): Array(text.utf8)
                case .binary(let bytes): bytes
                }
            guard sends.count <= Self.sendLimit else {
                port.close(4008)
                continue
            }
            guard bytes.count <= Self.payloadLimit, let payload = try? JSONDocument(parsing: bytes) else {
                port.close(4002)
                continue
            }
            hear(payload, port, &session)
        }
        let code = await connection.closeCode
        simulator.change { world in
            guard let session, world.sessions[session]?.connection === port else { return }
            world.leave(session, code: code)
        }
    }

    private func hear(_ payload: JSONDocument, _ port: GatewayPort, _ session: inout String?) {
        let faults = simulator.control.faults
        switch payload["op"]?.int {
        case 1:
            guard faults.takeOwn("missed_ack") == nil else { return }
            port.send(JSONValue.object(["op": 11, "s": nil, "t": nil, "d": nil]).text())
        case 2:
            guard session == nil else { return port.close(4005) }
            session = simulator.change { world in
                world.identify(payload["d"], port, host: host, refusesTokens: refusesTokens)
            }
        case 6:
            guard session == nil else { return port.close(4005) }
            session = simulator.change { world in
                world.resume(payload["d"], port, refusesTokens: refusesTokens)
            }
        case 3, 4, 31, 43: if session == nil { port.close(4003) }
        case 8:
            guard let session else { return port.close(4003) }
            simulator.change { $0.tellMembers(payload["d"], in: session) }
        default: port.close(4001)
        }
    }
}
