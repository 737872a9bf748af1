import PraisonCore

/// The places where something was said lately and how far it was heard, so that what is missed there can be fetched.
struct KnownConversations: Hashable, Sendable {
    struct Place: Hashable, Sendable {
        /// The channel or thread.
        var id: String
        /// `nil` outside servers.
        var guild: String?
        /// The type of the channel.
        var type: Int?
        /// Of a thread: the channel it hangs on, and what it is called. A session that is resumed by another process
        /// tells neither.
        var parent: String?
        var name: String?
        /// The newest message that is in the journal.
        var last: Snowflake
    }

    static let capacity = 200

    /// Least recently heard of first.
    private(set) var places: [Place] = []

    init() {}

    /// Takes over that a message is in the journal.
    ///
    /// - Returns: whether the place was not known before.
    @discardableResult
    mutating func heard(_ place: Place) -> Bool {
        var place = place
        let count = places.count
        if let index = places.lastIndex(where: { $0.id == place.id }) {
            place.last = max(place.last, places[index].last)
            place.type = place.type ?? places[index].type
            place.parent = place.parent ?? places[index].parent
            place.name = place.name ?? places[index].name
            places.remove(at: index)
        }
        places.append(place)
        defer { if places.count > Self.capacity { places.removeFirst(places.count - Self.capacity) } }
        return places.count > count
    }

    func knows(_ id: String) -> Bool { places.contains { $0.id == id } }

    mutating func forget(_ id: String) { places.removeAll { $0.id == id } }

    // MARK: Kept across restarts

    init(_ text: String) {
        guard let document = try? JSONDocument(parsing: text) else { return }
        for element in document.elements.suffix(Self.capacity) {
            guard let id = element["id"]?.string, let last = element["last"]?.string.flatMap({ Snowflake($0) }) else {
                continue
            }
            places.append(
                Place(
                    id: id, guild: element["guild"]?.string, type: element["type"]?.int,
                    parent: element["parent"]?.string, name: element["name"]?.string, last: last))
        }
    }

    var text: String {
        JSONValue.array(
            places.map { place in
                var members: [String: JSONValue] = ["id": .string(place.id), "last": .string(place.last.text)]
                members["guild"] = place.guild.map(JSONValue.string)
                members["type"] = place.type.map { JSONValue($0) }
                members["parent"] = place.parent.map(JSONValue.string)
                members["name"] = place.name.map(JSONValue.string)
                return .object(members)
            }
        ).text()
    }
}
