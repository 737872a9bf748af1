import PraisonCore
import PraisonSimulation

extension World {
    /// Delivers a dispatch as it is, apart from its number, and takes from it what a server would know: channels,
    /// messages, interactions. Two short forms are for people: `{"press": MESSAGE, "custom_id": …}` presses a button, and
    /// `{"react": MESSAGE, "emoji": "👍"}` reacts, as `sender` (`ada`).
    mutating func inject(_ payload: JSONDocument) throws(SimulatorControlError) {
        if let id = payload["press"]?.string ?? payload["react"]?.string {
            return try act(payload, on: id)
        }
        guard let name = payload["t"]?.string, let data = payload["d"], case .object(var members) = data.value else {
            throw SimulatorControlError(
                "inject: expected a dispatch, such as {\"t\": \"MESSAGE_CREATE\", \"d\": {…}}; its number is added")
        }
        learn(name, data, &members)
        let isDirect = data["guild_id"] == nil && name != "GUILD_CREATE" && !name.hasPrefix("GUILD_")
        let bot = isDirect ? places[data["channel_id"]?.string ?? ""]?.bot ?? firstCaller : nil
        deliver(Dispatch(name: name, data: members, isDirect: isDirect), to: bot)
    }

    private mutating func learn(_ name: String, _ data: JSONDocument, _ members: inout [String: JSONValue]) {
        let channel = data["channel_id"]?.string ?? data["channel"]?["id"]?.string
        if let channel, places[channel] == nil {
            let isDirect = data["guild_id"] == nil
            add(
                SimulatedPlace(
                    id: channel, type: data["channel_type"]?.int ?? data["channel"]?["type"]?.int ?? (isDirect ? 1 : 0),
                    name: data["channel"]?["name"]?.string ?? channel,
                    parent: data["channel"]?["parent_id"]?.string,
                    person: isDirect ? data["author"]?["id"]?.string ?? data["user"]?["id"]?.string : nil,
                    bot: isDirect ? firstCaller : nil))
        }
        switch name {
        case "MESSAGE_CREATE":
            guard let channel, data["id"]?.string != nil else { return }
            let author = data["author"]?["id"]?.string
            store(StoredMessage(members: members, place: channel, bot: author.flatMap { bots[$0] == nil ? nil : $0 }))
        case "THREAD_CREATE", "CHANNEL_CREATE":
            guard let id = data["id"]?.string, places[id] == nil else { return }
            add(
                SimulatedPlace(
                    id: id, type: data["type"]?.int ?? 0, name: data["name"]?.string ?? id,
                    parent: data["type"]?.int ?? 0 >= 10 ? data["parent_id"]?.string : nil))
        case "INTERACTION_CREATE":
            let token = data["token"]?.string ?? nextToken()
            members["token"] = .string(token)
            members["application_id"] = .string(firstCaller)
            keep(
                SimulatedInteraction(
                    id: data["id"]?.string ?? nextID(), token: token, bot: firstCaller, place: channel ?? "",
                    person: data["user"]?["id"]?.string ?? data["member"]?["user"]?["id"]?.string ?? "",
                    original: data["message"]?["id"]?.string, at: uptime))
        default: break
        }
    }

    private mutating func act(_ payload: JSONDocument, on id: String) throws(SimulatorControlError) {
        guard let message = messages[id], let place = places[message.place] else {
            throw SimulatorControlError("inject: there is no message \(id)")
        }
        let person = person(payload["sender"]?.string ?? "ada")
        if payload["react"] != nil {
            let emoji = payload["emoji"]?.string ?? "👍"
            react(["name": .string(emoji), "id": nil], person, to: id, isAdded: payload["remove"]?.bool != true)
            return
        }
        let data: [String: JSONValue] = [
            "component_type": 2, "custom_id": .string(payload["custom_id"]?.string ?? "button"), "id": 2,
        ]
        interact(3, data, by: person, in: place, message.bot ?? firstCaller, message: message)
    }
}
