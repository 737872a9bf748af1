import PraisonCore

/// A channel's way in by HTTP, for as long as the channel is on: whatever adapter it has then takes the request.
struct ChannelWebhook: HTTPHandler {
    let channel: ChannelName
    let board: ChannelBoard

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        // 503: the platform keeps the delivery and tries again.
        if case .off(let reason)? = board.health(of: channel) {
            return .text("\(channel) is off: \(reason)\n", status: 503)
        }
        guard let adapter = board.adapter(of: channel) else { return .text("\(channel) is not running\n", status: 503) }
        guard let handler = adapter as? any HTTPHandler else {
            return .text("\(channel) takes no webhooks\n", status: 404)
        }
        return await handler.respond(to: request)
    }
}
