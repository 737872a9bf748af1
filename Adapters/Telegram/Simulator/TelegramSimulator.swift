public import PraisonCore
public import PraisonSimulation
import Synchronization

/// Telegram's Bot API for tests and demonstrations, good enough that aiogram and python-telegram-bot run against it
/// unmodified.
///
/// Every token of the form `NUMBER:WORD` is a bot; the first one for a number is its right one. Bots are administrators
/// wherever they are, so they hear everything. `POST /_sim/inject` takes one `Update`; its chats and messages are known
/// from then on, a bot that was blocked or put out is refused, a group that moved answers with its new number.
///
/// Source: https://core.telegram.org/bots/api
public final class TelegramSimulator: PlatformSimulator {
    public static let platform: Platform = "telegram"
    /// The bot that is always there.
    public static let token = "123456:FAKE-TELEGRAM-TOKEN"
    public static let username = "sim_bot"

    public static func settings(baseURL: String) -> [(key: String, value: String)] {
        [("token", "\"\(token)\""), ("api_base", baseURL)]
    }

    public static let unknownPayload: JSONValue = [
        "telepathy": [
            "from": ["id": 1001, "is_bot": false, "first_name": "Ada"], "date": 1_767_225_600,
            "thought": "is anybody there",
        ]
    ]

    public let control: SimulatorControl
    let clock: any GatewayClock
    let client: any HTTPClient
    private let entropy: any Entropy
    private let world: Mutex<World>
    private let (lanes, laneSink) = AsyncStream.makeStream(
        of: WebhookLane.self, bufferingPolicy: .bufferingNewest(100_000))

    public init(
        clock: any GatewayClock, entropy: any Entropy, client: any HTTPClient, cryptography: any Cryptography
    ) {
        self.clock = clock
        self.entropy = entropy
        self.client = client
        control = SimulatorControl(clock: clock)
        world = Mutex(Self.newWorld(entropy, laneSink))
    }

    private static func newWorld(_ entropy: any Entropy, _ sink: AsyncStream<WebhookLane>.Continuation) -> World {
        World(random: entropy.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }) { sink.yield($0) }
    }

    public func run() async throws {
        await WebhookCourier(simulator: self).run(lanes)
    }

    /// One look at everything, or one change of it.
    func withWorld<Value>(_ body: (inout World) throws(BotRefusal) -> sending Value) throws(BotRefusal) -> sending Value
    {
        try world.withLock { world throws(BotRefusal) in try body(&world) }
    }

    // MARK: Calls

    public func call(in request: HTTPRequest) -> BotCall { BotCall(request) }

    public func answer(_ call: BotCall) async -> HTTPResponse {
        do {
            switch call.kind {
            case .elsewhere: return BotRefusal.notFound.response
            case .file(let path): return try file(at: path, call)
            case .method(let name):
                let result = try await result(of: name.lowercased(), call)
                return .json(["ok": true, "result": result])
            }
        } catch {
            return error.response
        }
    }

    func result(of method: String, _ call: BotCall) async throws(BotRefusal) -> JSONValue {
        let bot = try withWorld { world throws(BotRefusal) in try world.authenticate(call.token) }
        if method == "getupdates" { return try await updates(for: bot, call) }
        guard let body = BotMethod.all[method] else { throw BotRefusal(404, "Not Found: method not found") }
        var invocation = Invocation(call: call, bot: bot, now: clock.now, uptime: clock.uptime)
        invocation.fetched = await RemoteFiles(client: client).fetch(for: call)
        return try withWorld { world throws(BotRefusal) in try body(&world, invocation) }
    }

    private func file(at path: String, _ call: BotCall) throws(BotRefusal) -> HTTPResponse {
        let content = try withWorld { world throws(BotRefusal) in
            _ = try world.authenticate(call.token)
            return world.files.content(at: path)
        }
        guard let content else { throw .notFound }
        return HTTPResponse(
            status: 200, headers: ["Content-Type": "application/octet-stream"], body: .bytes(content))
    }

    public func refusal(of call: BotCall, because cause: SimulatedRefusal) -> HTTPResponse? {
        switch cause {
        case .rateLimit(let seconds, _):
            return BotRefusal.tooManyRequests(retryAfter: Int(seconds.rounded(.up))).response
        case .unauthorized: return BotRefusal.unauthorized.response
        case .conflict:
            guard call.name.lowercased() == "getupdates" else { return nil }
            return Self.otherPoller.response
        case .status(let code, let description):
            return BotRefusal(code, description ?? Self.usualDescription(code)).response
        }
    }

    static let otherPoller = BotRefusal.conflict(
        "terminated by other getUpdates request; make sure that only one bot instance is running")

    private static func usualDescription(_ code: Int) -> String {
        switch code {
        case 400: "Bad Request: chat not found"
        case 401: "Unauthorized"
        case 403: "Forbidden: bot was blocked by the user"
        case 404: "Not Found"
        case 409: otherPoller.description
        case 413: "Request Entity Too Large"
        case 429: "Too Many Requests: retry later"
        case 502: "Bad Gateway"
        default: code >= 500 ? "Internal Server Error" : "Bad Request"
        }
    }

    // MARK: Control

    public func say(
        _ utterance: SimulatedUtterance
    ) throws(SimulatorControlError) -> SimulatedUtterance.Receipt {
        let now = clock.now
        return try world.withLock { world throws(SimulatorControlError) in try world.say(utterance, at: now) }
    }

    public func inject(_ payload: JSONDocument) throws(SimulatorControlError) {
        let now = clock.now
        try world.withLock { world throws(SimulatorControlError) in try world.inject(payload, at: now) }
    }

    public var sent: [SimulatedMessage] {
        let messages = world.withLock { $0.sent }
        return messages.map(\.simulated)
    }

    public func setWebhook(_ webhook: SimulatedWebhook) throws(SimulatorControlError) {
        do {
            try withWorld { world throws(BotRefusal) in
                try world.set(
                    SimulatedBot.Webhook(
                        url: webhook.url, secret: webhook.secret, maximumConnections: 40, generation: 0),
                    of: world.firstCaller, allowedBy: nil)
            }
        } catch {
            throw SimulatorControlError("webhook: \(error.description)")
        }
    }

    public func reset() {
        let fresh = Self.newWorld(entropy, laneSink)
        world.withLock { world in
            for bot in world.bots.values { bot.poll?.end(.timeout) }
            world = fresh
        }
    }
}

extension StoredMessage {
    /// As people see it.
    fileprivate var simulated: SimulatedMessage {
        let thread = members["is_topic_message"] == true ? members["message_thread_id"].map { $0.text() } : nil
        var extras: [String: JSONValue] = ["bot": JSONValue(bot ?? 0)]
        extras["entities"] = members["entities"] ?? members["caption_entities"]
        extras["reply_markup"] = members["reply_markup"]
        return SimulatedMessage(
            id: MessageID(String(key.id)), conversation: Conversation.ID(String(key.chat.id)),
            thread: thread.map { Conversation.Thread($0) },
            text: members["text"]?.string ?? members["caption"]?.string ?? "",
            replyTo: members["reply_to_message"]?["message_id"].map { MessageID($0.text()) }, isEdited: isEdited,
            reactions: reactions.sorted { $0.key < $1.key }.flatMap(\.value),
            files: files.map { SimulatedMessage.File(kind: $0.kind, name: $0.name, size: $0.size) }, extras: extras)
    }
}
