import PraisonCore
import PraisonSimulation

/// Everything a simulated Telegram knows: bots, people, chats, messages, files.
///
/// Every part is bounded; the oldest goes first.
struct World {
    /// Bots that may exist; more are refused.
    private static let maximumBots = 100
    private static let maximumChats = 10_000
    private static let maximumMessages = 20_000

    private(set) var bots: [Int64: SimulatedBot] = [:]
    /// The bot that hears a private message when nobody says which.
    private(set) var firstCaller: Int64
    var chats: [ChatKey: SimulatedChat] = [:]
    private(set) var messages: [StoredMessage.Key: StoredMessage] = [:]
    private var messageOrder: [StoredMessage.Key] = []
    /// Numbers of people and places that were called by name.
    private var numbers: [String: Int64] = [:]
    var people = People()
    var files = FileStore()
    private var random: UInt64
    /// Wakes the courier of a webhook.
    private let courier: @Sendable (WebhookLane) -> Void

    /// - Parameter random: seeds what a platform would make up, so that a run can be repeated.
    init(random: UInt64, courier: @escaping @Sendable (WebhookLane) -> Void) {
        self.random = random
        self.courier = courier
        let parts = TelegramSimulator.token.split(separator: ":")
        firstCaller = parts.first.flatMap { Int64($0) } ?? 1
        addBot(firstCaller, token: TelegramSimulator.token, username: TelegramSimulator.username)
    }

    // MARK: Bots

    /// The bot of this token. A number that nobody used yet becomes a new bot's, with this token as its own.
    mutating func authenticate(_ token: String) throws(BotRefusal) -> Int64 {
        let parts = token.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let id = Int64(parts[0]), id > 0, !parts[1].isEmpty else { throw .notFound }
        if let bot = bots[id] {
            guard bot.token == token else { throw .unauthorized }
            return id
        }
        guard bots.count < Self.maximumBots else { throw .unauthorized }
        if bots.values.allSatisfy({ $0.lastPoll == nil && $0.webhook == nil }) { firstCaller = id }
        addBot(id, token: token, username: "sim_\(id)_bot")
        return id
    }

    private mutating func addBot(_ id: Int64, token: String, username: String) {
        bots[id] = SimulatedBot(
            id: id, token: token, username: username, firstUpdate: 100_000_000 + Int64(nextRandom() % 800_000_000))
    }

    func bot(_ id: Int64) throws(BotRefusal) -> SimulatedBot {
        guard let bot = bots[id] else { throw .unauthorized }
        return bot
    }

    mutating func update<Value>(_ id: Int64, _ change: (inout SimulatedBot) -> Value) throws(BotRefusal) -> Value {
        // Taken out meanwhile, so that its queue is changed in place.
        guard var bot = bots.removeValue(forKey: id) else { throw .unauthorized }
        defer { bots[id] = bot }
        return change(&bot)
    }

    /// SplitMix64.
    private mutating func nextRandom() -> UInt64 {
        random &+= 0x9E37_79B9_7F4A_7C15
        var mixed = random
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// 0..<`count`.
    mutating func random(below count: Int) -> Int { Int(nextRandom() % UInt64(max(count, 1))) }

    // MARK: Updates

    /// Queues an update for a bot and wakes whoever waits for it.
    ///
    /// - Parameters:
    ///   - lane: the chat or person whose updates keep their order towards a webhook.
    ///   - isAsked: whether it goes out even where the bot did not ask for such updates.
    mutating func deliver(
        _ kind: String, _ members: [String: JSONValue], lane: Int64, to bot: Int64, at now: Timestamp,
        id: Int64? = nil, isAsked: Bool = false
    ) {
        let hasWebhook = try? update(bot) { bot in
            guard isAsked || bot.wants(kind) else { return false }
            bot.updates.append(kind, members, lane: lane, at: now, id: id)
            bot.poll?.end(.update)
            return bot.webhook != nil
        }
        if hasWebhook == true { courier(WebhookLane(bot: bot, lane: lane)) }
    }

    /// Has the courier look at everything that waits for a bot.
    func wakeCourier(of bot: SimulatedBot) {
        for lane in Set(bot.updates.waiting.map(\.lane)) { courier(WebhookLane(bot: bot.id, lane: lane)) }
    }

    // MARK: People

    /// A `User` object of a bot or of somebody anybody has heard of.
    func user(_ id: Int64) -> JSONValue? { bots[id].map { .object($0.user) } ?? people[id] }

    // MARK: Numbers of people and places

    enum Namespace: String {
        case person, group, channel
        fileprivate var first: Int64 {
            switch self {
            case .person: 1001
            case .group: -1_002_000_000_001
            case .channel: -1_003_000_000_001
            }
        }
    }

    /// The number of what is called `name`, always the same. A name that is a number stands for itself.
    mutating func number(of name: String, _ space: Namespace) -> Int64 {
        if let number = Int64(name) { return number }
        let key = "\(space.rawValue)/\(name.lowercased())"
        if let number = numbers[key] { return number }
        let taken = Int64(numbers.keys.filter { $0.hasPrefix("\(space.rawValue)/") }.count)
        let number = space.first + (space.first > 0 ? taken : -taken)
        numbers[key] = number
        return number
    }

    /// From now on `name` is `number`, unless it has one.
    mutating func remember(_ name: String, as number: Int64, _ space: Namespace) {
        guard Int64(name) == nil else { return }
        let key = "\(space.rawValue)/\(name.lowercased())"
        numbers[key] = numbers[key] ?? number
    }

    // MARK: Chats and messages

    func key(of chat: Int64, for bot: Int64) -> ChatKey { ChatKey(id: chat, bot: chat > 0 ? bot : 0) }

    /// Adds the chat unless it is there.
    mutating func ensure(_ chat: SimulatedChat, for bot: Int64) -> ChatKey {
        let key = key(of: chat.id, for: bot)
        if chats[key] == nil {
            if chats.count >= Self.maximumChats, let any = chats.keys.first { chats[any] = nil }
            chats[key] = chat
        }
        return key
    }

    mutating func store(_ message: StoredMessage) {
        if message.bot == nil { people.learn(from: .object(message.members)) }
        if messages.updateValue(message, forKey: message.key) == nil { messageOrder.append(message.key) }
        if let last = chats[message.key.chat]?.lastMessageID, message.key.id > last {
            chats[message.key.chat]?.lastMessageID = message.key.id
        }
        guard messageOrder.count >= Self.maximumMessages * 2 else { return }
        for key in messageOrder.prefix(Self.maximumMessages) { messages[key] = nil }
        messageOrder.removeFirst(Self.maximumMessages)
    }

    mutating func remove(_ key: StoredMessage.Key) { messages[key] = nil }

    /// What the bots said that is still there, oldest first.
    var sent: [StoredMessage] { messageOrder.compactMap { messages[$0] }.filter { $0.bot != nil } }
}
