import PraisonCore

/// A session of the gateway: what was told in it, and the connection that is there now.
struct GatewaySessionState {
    /// Dispatches kept for a resume.
    static let capacity = 2_000
    /// How long a session without a connection lasts.
    static let lifetime = Duration.seconds(180)

    let id: String
    let bot: String
    let shard: Int
    let shards: Int
    let intents: Int
    var sequence = 0
    private(set) var told: [(sequence: Int, text: String)] = []
    var connection: GatewayPort?
    var leftAt: Duration?

    init(id: String, bot: String, shard: Int, shards: Int, intents: Int) {
        self.id = id
        self.bot = bot
        self.shard = shard
        self.shards = shards
        self.intents = intents
    }

    mutating func tell(_ name: String, _ data: JSONValue) {
        sequence += 1
        let text = JSONValue.object([
            "op": 0, "t": .string(name), "s": JSONValue(sequence), "d": data,
        ]).text()
        told.append((sequence, text))
        if told.count >= Self.capacity * 2 { told.removeFirst(Self.capacity) }
        connection?.send(text, isDispatch: true)
    }

    /// What came after `sequence`; `nil` when that is not kept any more.
    func missed(after sequence: Int) -> [String]? {
        guard sequence <= self.sequence, (told.first?.sequence ?? self.sequence + 1) <= sequence + 1 else { return nil }
        return told.filter { $0.sequence > sequence }.map(\.text)
    }

    func isOver(at now: Duration) -> Bool { leftAt.map { now - $0 > Self.lifetime } ?? false }
}
