import PraisonCore
import PraisonSimulation

extension World {
    private static let answerTime = Duration.seconds(3)
    private static let tokenLifetime = Duration.seconds(900)
    private static let maximumInteractions = 1_000

    mutating func keep(_ interaction: SimulatedInteraction) {
        if interactions.updateValue(interaction, forKey: interaction.token) == nil {
            interactionOrder.append(interaction.token)
        }
        if interactionOrder.count > Self.maximumInteractions { interactions[interactionOrder.removeFirst()] = nil }
    }

    /// `/interactions/ID/TOKEN/callback`, `/webhooks/APPLICATION/TOKEN[/messages/…]`.
    mutating func interaction(
        _ method: HTTPRequest.Method, _ path: [String], _ call: DiscordCall
    ) throws(APIRefusal) -> Answer {
        guard path.count >= 3, var known = interactions[path[2]], let place = places[known.place] else {
            throw path.first == "webhooks" ? .unknownWebhook : .unknownInteraction
        }
        if path[0] == "interactions" {
            guard method == .post, path.last == "callback", known.id == path[1] else { throw .notFound }
            guard !known.isAnswered else { throw APIRefusal(400, 40060, "Interaction has already been acknowledged.") }
            guard uptime - known.at <= Self.answerTime else { throw .unknownInteraction }
            known.isAnswered = true
            let type = call.body["type"]?.int ?? 0
            if type == 4 {
                known.original = try make(nested(call), in: place, by: known.bot, answering: known).id
            } else if type == 7, let message = known.original.flatMap({ messages[$0] }) {
                _ = try change(message, nested(call))
            }
            keep(known)
            guard let wanted = call.query["with_response"], wanted == "1" || wanted == "true" else { return .nothing }
            return .json(callback(type, known))
        }
        guard path[1] == known.bot else { throw .unknownWebhook }
        guard uptime - known.at <= Self.tokenLifetime else { throw APIRefusal(401, 50027, "Invalid Webhook Token") }
        switch (method, path.count, path.last) {
        case (.post, 3, _):
            return .json(
                .object(try make(call, in: place, by: known.bot, answering: known).json(for: known.bot)))
        case (.patch, 5, "@original"):
            guard known.isAnswered else { throw .unknownMessage }
            if let message = known.original.flatMap({ messages[$0] }) {
                return .json(.object(try change(message, call).json(for: known.bot)))
            }
            let message = try make(call, in: place, by: known.bot, answering: known)
            known.original = message.id
            keep(known)
            return .json(.object(message.json(for: known.bot)))
        case (.get, 5, "@original"):
            guard let message = known.original.flatMap({ messages[$0] }) else { throw .unknownMessage }
            return .json(.object(message.json(for: known.bot)))
        case (.delete, 5, "@original"):
            if let id = known.original { remove(message: id) }
            return .nothing
        case (.patch, 5, let id):
            guard let message = id.flatMap({ messages[$0] }), message.bot == known.bot else { throw .unknownMessage }
            return .json(.object(try change(message, call).json(for: known.bot)))
        default: throw .notFound
        }
    }

    private func callback(_ type: Int, _ interaction: SimulatedInteraction) -> JSONValue {
        var answer: [String: JSONValue] = [
            "interaction": [
                "id": .string(interaction.id), "type": 2, "response_message_loading": .bool(type == 5),
                "response_message_ephemeral": false,
            ]
        ]
        if let message = interaction.original.flatMap({ messages[$0] }), type == 4 || type == 7 {
            answer["resource"] = ["type": JSONValue(type), "message": .object(message.json(for: interaction.bot))]
        }
        return .object(answer)
    }

    private func nested(_ call: DiscordCall) -> DiscordCall {
        var request = call.request
        request.headers["Content-Type"] = "application/json"
        request.body = (call.body["data"] ?? .object([:])).bytes()
        return DiscordCall(request)
    }
}
