import Logging
import PraisonCore

/// Serves one WebSocket from the upgrade to its end: one task reads, one writes, one closes when somebody asks for it.
struct ClientHandler: WebSocketHandler {
    let plane: PlaneParts
    let principal: Principal

    func handle(_ connection: any WebSocketConnection) async throws {
        let rooms = plane.rooms
        let client = Client(
            id: rooms.entropy.uuid(), principal: principal, peer: connection.peer, server: rooms.server,
            now: rooms.clock.uptime)
        guard plane.clients.add(client) else {
            let refusal = HelloError(
                .rateLimited, "\(rooms.server.maxConnections) clients are connected already (max_connections)",
                retryAfter: .seconds(5))
            await refusal.refuse(connection, code: .tryAgainLater, reason: "max_connections")
            return
        }
        // Each child says whether the connection is over with it.
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await ClientReader(client: client, connection: connection, plane: plane).run()
                return true
            }
            group.addTask {
                await ClientWriter(client: client, connection: connection).run()
                return true
            }
            group.addTask {
                if let closing = await client.closeRequest() {
                    await connection.close(closing.code, reason: closing.reason)
                }
                return true
            }
            group.addTask {
                do { try await rooms.clock.sleep(for: rooms.server.handshakeTimeout) } catch { return false }
                if !client.hasSpoken { client.close(.handshakeTimeout) }
                return false
            }
            while let isOver = await group.next(), !isOver {}
            group.cancelAll()
            client.finish()
        }
        plane.clients.remove(client)
        plane.agents.lost(client)
        guard let session = client.session else { return }
        await session.detach(client)
        await plane.sessions.discardIfBlank(session)
        plane.relay.disconnected(client, from: session)
    }
}

/// Answers an upgrade that is refused: the socket opens, says why in a frame a program understands, and closes.
struct RefusingHandler: WebSocketHandler {
    let refusal: HelloError
    let code: WebSocketCloseCode
    var reason: String?

    func handle(_ connection: any WebSocketConnection) async throws {
        await refusal.refuse(connection, code: code, reason: reason ?? refusal.message)
    }
}
