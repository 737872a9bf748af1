import PraisonCore
import PraisonSimulation

/// Everything a simulated Discord knows: bots, people, one server, its channels and threads, messages, sessions.
///
/// Every part is bounded; the oldest goes first.
struct World {
    static let guild = "700000000000000001"
    static let owner = "200000000000000000"
    private static let maximumBots = 100
    private static let maximumPlaces = 5_000
    private static let maximumMessages = 20_000
    private static let maximumFileBytes = 64 << 20

    private(set) var bots: [String: SimulatedBot] = [:]
    /// The bot that hears direct messages when nobody says which.
    private(set) var firstCaller: String
    private(set) var places: [String: SimulatedPlace] = [:]
    private var placeOrder: [String] = []
    private(set) var messages: [String: StoredMessage] = [:]
    private var messageOrder: [String] = []
    var people: [String: String] = [:]
    var sessions: [String: GatewaySessionState] = [:]
    var interactions: [String: SimulatedInteraction] = [:]
    var interactionOrder: [String] = []
    var nonces: [String: (message: String, at: Duration)] = [:]
    var buckets: [String: (remaining: Int, resetAt: Duration)] = [:]
    private var files: [String: [UInt8]] = [:]
    private var fileOrder: [String] = []
    private var fileBytes = 0
    private var lastID: UInt64 = 0
    private var random: UInt64
    /// A dispatch that lets the next one go first.
    var heldBack: (Dispatch, bot: String?)?
    /// Where sessions are resumed; `nil` for where they began.
    var resumeHost: String?
    /// Stands in addresses of files for the host, which is whatever the asker calls it.
    static let fileHost = "\u{7F}host"
    var now = Timestamp(microseconds: 0)
    var uptime = Duration.zero
    let faults: FaultList

    init(random: UInt64, faults: FaultList) {
        self.random = random
        self.faults = faults
        let token = DiscordSimulator.token
        firstCaller = Self.number(in: token) ?? "1"
        bots[firstCaller] = SimulatedBot(id: firstCaller, token: token, username: DiscordSimulator.username)
        for (id, type, name) in [("710000000000000001", 0, "general"), ("710000000000000002", 5, "announcements")] {
            add(SimulatedPlace(id: id, type: type, name: name))
        }
    }

    // MARK: Bots

    /// The first part of a token is the bot's number in base64.
    static func number(in token: String) -> String? {
        guard let part = token.split(separator: ".", omittingEmptySubsequences: false).first else { return nil }
        var bits = 0
        var count = 0
        var bytes: [UInt8] = []
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        for byte in part.utf8 where byte != UInt8(ascii: "=") {
            guard let value = alphabet.firstIndex(of: byte) else { return nil }
            bits = (bits << 6 | value) & 0xFFFF
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(bits >> count & 0xFF))
            }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return UInt64(text).map { String($0) }
    }

    /// The bot of this token. A number that nobody used yet becomes a new bot's.
    mutating func authenticate(_ token: String) -> String? {
        guard token.split(separator: ".").count == 3, let id = Self.number(in: token) else { return nil }
        if let bot = bots[id] { return bot.token == token && !bot.isTokenReset ? id : nil }
        guard bots.count < Self.maximumBots else { return nil }
        if bots.values.allSatisfy({ !$0.hasIdentified }) { firstCaller = id }
        bots[id] = SimulatedBot(id: id, token: token, username: "sim_\(id)_bot")
        return id
    }

    mutating func update(_ bot: String, _ change: (inout SimulatedBot) -> Void) {
        guard var known = bots.removeValue(forKey: bot) else { return }
        change(&known)
        bots[bot] = known
    }

    // MARK: Numbers

    /// A snowflake of this moment, larger than all before.
    mutating func nextID() -> String {
        let milliseconds = max(now.microseconds / 1000 - 1_420_070_400_000, 0)
        lastID = max(lastID + 1, UInt64(milliseconds) << 22)
        return String(lastID)
    }

    mutating func nextToken() -> String {
        (0..<2).map { _ in
            random &+= 0x9E37_79B9_7F4A_7C15
            var mixed = random
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return String(mixed ^ mixed >> 31, radix: 16)
        }.joined()
    }

    /// The number of who is called `name`, always the same.
    mutating func person(_ name: String) -> String {
        if UInt64(name) != nil { return name }
        if let number = people[name.lowercased()] { return number }
        let number = String(200_000_000_000_000_001 + UInt64(people.count))
        if people.count < 10_000 { people[name.lowercased()] = number }
        return number
    }

    func user(_ id: String) -> JSONValue {
        if let bot = bots[id] { return bot.user }
        let name = people.first { $0.value == id }?.key ?? "user\(id)"
        return [
            "id": .string(id), "username": .string(name), "discriminator": "0",
            "global_name": .string(name.prefix(1).uppercased() + name.dropFirst()), "avatar": nil, "public_flags": 0,
            "bot": false,
        ]
    }

    static func member(_ user: JSONValue?, roles: [JSONValue] = []) -> JSONValue {
        var members: [String: JSONValue] = [
            "nick": nil, "avatar": nil, "roles": .array(roles), "joined_at": "2026-01-01T00:00:00.000000+00:00",
            "premium_since": nil, "deaf": false, "mute": false, "pending": false, "flags": 0,
            "communication_disabled_until": nil,
        ]
        members["user"] = user
        return .object(members)
    }

    // MARK: Places

    mutating func add(_ place: SimulatedPlace) {
        if places.updateValue(place, forKey: place.id) == nil { placeOrder.append(place.id) }
        guard placeOrder.count > Self.maximumPlaces else { return }
        places[placeOrder.removeFirst()] = nil
    }

    func place(named name: String, _ types: ClosedRange<Int>, in parent: String? = nil) -> SimulatedPlace? {
        places.values.filter { ($0.name == name || $0.id == name) && types.contains($0.type) && $0.parent == parent }
            .min { $0.id < $1.id }
    }

    func json(_ place: SimulatedPlace) -> [String: JSONValue] {
        place.json(recipients: place.person.map { [user($0)] } ?? [])
    }

    /// Channels and threads of the server, in order.
    func listed(threads: Bool) -> [JSONValue] {
        places.values.filter { !$0.isDirect && $0.isThread == threads }.sorted { $0.id < $1.id }
            .map { .object(json($0)) }
    }

    // MARK: Messages

    mutating func store(_ message: StoredMessage) {
        if messages.updateValue(message, forKey: message.id) == nil {
            messageOrder.append(message.id)
            places[message.place]?.messages.append(message.id)
        }
        guard messageOrder.count >= Self.maximumMessages * 2 else { return }
        let old = Set(messageOrder.prefix(Self.maximumMessages))
        messageOrder.removeFirst(Self.maximumMessages)
        for id in old { messages[id] = nil }
        for key in places.keys { places[key]?.messages.removeAll { old.contains($0) } }
    }

    mutating func remove(message id: String) {
        guard let message = messages.removeValue(forKey: id) else { return }
        messageOrder.removeAll { $0 == id }
        places[message.place]?.messages.removeAll { $0 == id }
    }

    /// What the bots said that is still there, oldest first.
    var sent: [StoredMessage] { messageOrder.compactMap { messages[$0] }.filter { $0.bot != nil } }

    // MARK: Files

    mutating func keep(_ content: [UInt8], as id: String) {
        files[id] = content
        fileOrder.append(id)
        fileBytes += content.count
        while fileBytes > Self.maximumFileBytes, !fileOrder.isEmpty {
            fileBytes -= files.removeValue(forKey: fileOrder.removeFirst())?.count ?? 0
        }
    }

    func file(_ id: String) -> [UInt8]? { files[id] }
}

/// A slash command, button or form that waits for the bot.
struct SimulatedInteraction {
    var id: String
    var token: String
    var bot: String
    var place: String
    var person: String
    var isAnswered = false
    /// The message that answers it, or the one the button hangs on.
    var original: String?
    var at: Duration
}
