import Logging
import PraisonCore

/// Serves one WebSocket from the upgrade to its end: one task reads, one writes, and this one closes when somebody asks for it.
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
        // An idle connection is to cost little, so it has no more tasks than it needs: this one closes.
        await withTaskGroup { group in
            group.addTask {
                await ClientReader(client: client, connection: connection, plane: plane).run()
                client.finish()
            }
            group.addTask {
                await ClientWriter(client: client, connection: connection).run()
                client.finish()
            }
            group.addTask {
                do { try await rooms.clock.sleep(for: rooms.server.handshakeTimeout) } catch { return }
                if !client.hasSpoken { client.close(.handshakeTimeout) }
            }
            if let closing = await client.closeRequest() {
                await connection.close(closing.code, reason: closing.reason)
            }
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
