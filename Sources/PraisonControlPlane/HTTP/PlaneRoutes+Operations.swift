import Logging
import PraisonCore

extension PlaneRoutes {
    // MARK: Channels

    func addChannels(to router: inout HTTPRouter) {
        let hub = parts.rooms.hub
        addChange(to: &router, "pause") { await hub.pause($0) }
        addChange(to: &router, "resume") { await hub.resume($0) }
        addChange(to: &router, "reconnect") { await hub.reconnect($0) }
    }

    /// Always 200, with the outcome in the body, as in the reference.
    private func addChange(
        to router: inout HTTPRouter, _ word: String, _ change: @escaping @Sendable (ChannelName) async -> ChannelChange
    ) {
        router.on(.post, "/api/channels/{name}/\(word)") { request, parameters in
            await guarded(request, .admin) { _ in
                let change = await change(ChannelName(parameters["name"] ?? ""))
                return .json(["success": .bool(change.isDone), "message": .string(change.message)])
            }
        }
    }

    // MARK: Pairing

    func addPairing(to router: inout HTTPRouter) {
        let hub = parts.rooms.hub
        router.on(.get, "/api/pairing/pending") { request, _ in
            await answering(request, .pairing) {
                let platforms = Dictionary(
                    await hub.status().channels.map { ($0.name, $0.platform) }, uniquingKeysWith: { first, _ in first })
                let now = parts.rooms.clock.now
                return .json([
                    "pending": .array(
                        try await hub.pendingPairings().map { $0.json(on: platforms[$0.channel], at: now) })
                ])
            }
        }
        router.on(.post, "/api/pairing/approve") { request, _ in
            await answering(request, .pairing) {
                guard let body = Self.body(of: request) else { return Self.invalidJSON }
                guard let channel = body["channel"]?.string, let code = body["code"]?.string else {
                    return .json(["error": "Both 'channel' and 'code' are required"], status: 400)
                }
                let word = code.uppercased()
                guard let pairing = try await hub.approvePairing(channel: ChannelName(channel), code: word) else {
                    parts.guardian.refused(request.peer)
                    return .json(["error": "Invalid or expired code"], status: 404)
                }
                return .json([
                    "approved": true, "channel": .string(channel), "code": .string(word),
                    "user_id": .string(pairing.sender.id.rawValue),
                ])
            }
        }
        router.on(.post, "/api/pairing/revoke") { request, _ in
            await answering(request, .pairing) {
                guard let body = Self.body(of: request) else { return Self.invalidJSON }
                guard let channel = body["channel"]?.string, let user = body["user_id"]?.scalarText else {
                    return .json(["error": "Both 'channel' and 'user_id' are required"], status: 400)
                }
                guard try await hub.revokePairing(channel: ChannelName(channel), sender: SenderID(user)) else {
                    return .json(["error": "Channel not found or not paired"], status: 404)
                }
                return .json(["revoked": true, "channel": .string(channel), "user_id": .string(user)])
            }
        }
    }

    // MARK: Bodies

    static let invalidJSON = HTTPResponse.json(["error": "Invalid JSON"], status: 400)

    /// The request's JSON object; an empty body is an empty one.
    static func body(of request: HTTPRequest) -> JSONDocument? {
        let bytes = request.body.isEmpty ? Array("{}".utf8) : request.body
        guard let document = try? JSONDocument(parsing: bytes, maximumDepth: 32), document.kind == .object else {
            return nil
        }
        return document
    }

    func answering(
        _ request: HTTPRequest, _ scope: ClientScope, _ respond: () async throws -> HTTPResponse
    ) async -> HTTPResponse {
        await guarded(request, scope) { _ in
            do { return try await respond() } catch {
                parts.rooms.logger.error(
                    "request failed", metadata: ["path": "\(request.path)", "error": "\(error)"])
                return .json(["error": "The store is out of order; the log tells why"], status: 503)
            }
        }
    }
}

extension PairingRequest {
    /// The reference's members, and the channel by its name here.
    fileprivate func json(on platform: Platform?, at now: Timestamp) -> JSONValue {
        [
            "channel": .string(channel.rawValue), "user_id": .string(sender.id.rawValue),
            "username": JSONValue(sender.username), "name": JSONValue(sender.displayName), "code": .string(code),
            "requested_at": JSONValue(requestedAt.seconds), "expires_at": JSONValue(expiresAt.seconds),
            "channel_type": .string(platform?.rawValue ?? channel.rawValue),
            "channel_id": .string(sender.id.rawValue), "user_name": JSONValue(sender.displayName ?? sender.username),
            "created_at": JSONValue(requestedAt.seconds), "age_seconds": JSONValue(now.seconds - requestedAt.seconds),
        ]
    }
}
