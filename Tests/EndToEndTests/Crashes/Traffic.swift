import PraisonCore
import PraisonSimulation

/// What people say at a simulated platform: numbers that go up, each in one of some conversations.
struct Traffic: Sendable {
    /// Enough of them that the platform's pace, a message a second in each, holds up few answers.
    private static let places: [JSONValue] = [
        ["scope": "dm", "sender": "ada"], ["scope": "dm", "sender": "ben"], ["scope": "dm", "sender": "cleo"],
        ["scope": "dm", "sender": "dan"], ["scope": "dm", "sender": "eve"], ["scope": "dm", "sender": "fay"],
        ["scope": "group", "conversation": "choir", "sender": "dan", "mention": true],
        ["scope": "group", "conversation": "family", "sender": "ada", "mention": true],
        ["scope": "group", "conversation": "club", "thread": "books", "sender": "ben", "mention": true],
        ["scope": "group", "conversation": "club", "thread": "films", "sender": "eve", "mention": true],
        ["scope": "channel", "conversation": "news"],
    ]

    let town: Town
    let entropy: any Entropy
    /// The numbers said in each chat, in order.
    private(set) var said: [String: [Int]] = [:]
    private(set) var count = 0

    init(_ town: Town, entropy: any Entropy) {
        self.town = town
        self.entropy = entropy
    }

    /// Somebody says something. Now and then the platform tells it twice, or loses the connection just after it has
    /// carried out what it was asked.
    mutating func say() async throws {
        let chance = entropy.fraction()
        if chance < 0.05 {
            try await town.control("faults", ["kind": "duplicate"])
        } else if chance < 0.08 {
            try await town.control("faults", ["kind": "reset", "when": "after", "match": "sendMessage"])
        }
        count += 1
        let place = Self.places[Int(entropy.fraction() * Double(Self.places.count))]
        let words: JSONValue = ["text": .string("\(count)")]
        let receipt = try await town.say(.object((place.object ?? [:]).merging(words.object ?? [:]) { $1 }))
        said[SeenMessages.chat(receipt), default: []].append(count)
    }

    /// What is wrong with what the model was asked: each question comes with the one before it in its chat, and with
    /// nothing that was said elsewhere.
    func problems(in calls: [FakeModelServer.Call]) -> [String] {
        let chats = said.values
        return calls.compactMap { call in
            let users = (call.body["messages"]?.array ?? []).filter { $0["role"] == "user" }
            let asked = users.map { $0["content"]?.string?.split(separator: " ").last.flatMap { Int($0) } ?? -1 }
            guard let last = asked.last, let chat = chats.first(where: { $0.contains(last) }) else {
                return "the model was asked \(asked)"
            }
            let expected = chat.prefix { $0 <= last }.suffix(asked.count)
            return Array(expected) == asked ? nil : "the model was asked \(asked) instead of \(expected)"
        }
    }
}
