import PraisonCore

extension World {
    mutating func editMedia(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        guard let item = try invocation.call.object("media", named: "InputMedia", inJSON: "input media") else {
            throw .badRequest("media is not specified")
        }
        var message = try ownMessage(invocation)
        let fields = Set(MediaForm.all.map(\.field)).union(["text", "entities", "caption", "caption_entities"])
        guard !message.members.keys.allSatisfy({ !fields.contains($0) }) else {
            throw .badRequest("message can't be edited")
        }
        let (content, file) = try medium(item, invocation)
        message.files = [file]
        // What is not in the new content goes.
        let old = fields.union(["has_media_spoiler", "show_caption_above_media"])
        return try edit(message, old.reduce(into: content) { $0[$1] = $0[$1] ?? .null }, invocation)
    }

    mutating func stopPoll(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let message = try message(invocation, to: "stop poll in")
        guard message.bot == invocation.bot, var poll = message.members["poll"]?.object else {
            throw .badRequest("poll can't be stopped")
        }
        guard poll["is_closed"] != true else { throw .badRequest("poll has already been closed") }
        poll["is_closed"] = true
        _ = try edit(message, ["poll": .object(poll)], invocation)
        return .object(poll)
    }

    /// `editMessageLiveLocation` and `stopMessageLiveLocation`.
    mutating func editLiveLocation(_ invocation: Invocation, stops: Bool) throws(BotRefusal) -> JSONValue {
        let message = try ownMessage(invocation)
        guard var place = message.members["location"]?.object, place["live_period"] != nil else {
            throw .badRequest("message can't be edited")
        }
        if stops {
            place["live_period"] = nil
        } else {
            for name in ["latitude", "longitude"] {
                guard let number = invocation.call.text(name).flatMap(Double.init) else {
                    throw .badRequest("\(name) is empty")
                }
                place[name] = JSONValue(number)
            }
            for name in ["live_period", "heading", "proximity_alert_radius", "horizontal_accuracy"] {
                if let number = invocation.call.integer(name) { place[name] = JSONValue(number) }
            }
        }
        return try edit(message, ["location": .object(place)], invocation)
    }
}
