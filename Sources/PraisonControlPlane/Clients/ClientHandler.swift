import Logging
import PraisonCore

/// Serves one WebSocket from the upgrade to its end: one task reads, this one writes.
///
/// An idle connection is to cost little. A task keeps the memory it has once needed, so what goes deep (carrying out a
/// frame, reading a session's frames) is done in tasks of its own that end with it.
struct ClientHandler: WebSocketHandler {
    let plane: PlaneParts
    let principal: Principal

    func handle(_ connection: any WebSocketConnection) async throws {
        let rooms = plane.rooms
        let client = Client(
            id: rooms.entropy.uuid(), principal: principal, connection: connection, server: rooms.server,
            now: rooms.clock.uptime)
        guard plane.clients.add(client) else {
            let refusal = HelloError(
                .rateLimited, "\(rooms.server.maxConnections) clients are connected already (max_connections)",
                retryAfter: .seconds(5))
            await refusal.refuse(connection, code: .tryAgainLater, reason: "max_connections")
            return
        }
        await withDiscardingTaskGroup { group in
            group.addTask {
                await ClientReader(client: client, connection: connection, plane: plane).run()
                client.finish()
            }
            group.addTask {
                do { try await rooms.clock.sleep(for: rooms.server.handshakeTimeout) } catch { return }
                if !client.hasSpoken { client.close(.handshakeTimeout) }
            }
            await ClientWriter(client: client, connection: connection).run()
            client.finish()
            group.cancelAll()
        }
        async let farewell: Void = part(from: client)
        await farewell
    }

    private func part(from client: Client) async {
        plane.clients.remove(client)
        await plane.agents.lost(client)
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
