import PraisonCore

/// The people a simulated Telegram has heard of: whoever wrote, was written about, joined or left.
struct People {
    /// People remembered; beyond it any goes.
    private static let capacity = 10_000

    private var users: [Int64: JSONValue] = [:]

    /// A `User` object.
    subscript(id: Int64) -> JSONValue? { users[id] }

    /// Remembers every `User` in `value`, however deep. Depth is bounded by whoever parsed it.
    mutating func learn(from value: JSONValue) {
        switch value {
        case .object(let members):
            guard members["is_bot"] != nil, members["first_name"] != nil, let id = members["id"]?.int else {
                for member in members.values { learn(from: member) }
                return
            }
            if users.count >= Self.capacity, users[Int64(id)] == nil, let any = users.keys.first { users[any] = nil }
            users[Int64(id)] = value
        case .array(let elements):
            for element in elements { learn(from: element) }
        default: break
        }
    }
}
