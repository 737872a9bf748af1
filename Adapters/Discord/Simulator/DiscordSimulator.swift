public import PraisonCore
public import PraisonSimulation
import Synchronization

/// Discord's REST API and gateway for tests and demonstrations, good enough that discord.py and hikari run against it
/// unmodified.
///
/// There is one server with everybody in it; channels come into being when somebody speaks in them. Every token whose
/// first part is a number in base64 is a bot; the first token for a number is its right one. What is said before a bot
/// first connects waits for it, so that a demonstration may begin anywhere. `POST /_sim/inject` takes one dispatch.
///
/// Faults of its own: `reconnect`, `invalid_session {resumable}`, `close {code}`, `drop`, `silence`, `missed_ack`,
/// `slow_inflate {seconds}`. They befall the connection that is there, else the next one.
///
/// Source: https://docs.discord.com/developers/reference
public final class DiscordSimulator: PlatformSimulator {
    public static let platform: Platform = "discord"
    /// The bot that is always there.
    public static let token = "OTAwMDAwMDAwMDAwMDAwMDAx.FAKE.FAKE"
    public static let username = "sim_bot"

    public static func settings(baseURL: String) -> [(key: String, value: String)] {
        [("token", "\"\(token)\""), ("api_base", "\(baseURL)/api/v10")]
    }

    public static let unknownPayload: JSONValue = [
        "t": "TELEPATHY", "d": ["user_id": "200000000000000001", "thought": "is anybody there"],
    ]

    public static let ownFaults: [String: [String]] = [
        "reconnect": [], "invalid_session": ["resumable"], "close": ["code"], "drop": [], "silence": [],
        "missed_ack": [], "slow_inflate": ["seconds"],
    ]

    public static let limitScopes = ["user", "global", "shared", "cloudflare"]

    public static func problem(with fault: SimulatorFault.Kind) -> String? {
        guard case .own("close", let members) = fault, let code = members["code"] else { return nil }
        if let code = code.int, [1000, 1001].contains(code) || (3000...4999).contains(code) { return nil }
        return "code must be one that a server may close with: 1000, 1001, or 3000 to 4999"
    }

    public let control: SimulatorControl
    let clock: any GatewayClock
    private let entropy: any Entropy
    private let world: Mutex<World>

    public init(
        clock: any GatewayClock, entropy: any Entropy, client: any HTTPClient, cryptography: any Cryptography
    ) {
        self.clock = clock
        self.entropy = entropy
        control = SimulatorControl(clock: clock)
        world = Mutex(Self.newWorld(entropy, control.faults))
    }

    private static func newWorld(_ entropy: any Entropy, _ faults: FaultList) -> World {
        World(random: entropy.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }, faults: faults)
    }

    /// There are no webhooks to deliver to.
    public func run() async throws {}

    /// One look at everything, or one change of it, at the time that is now.
    @discardableResult
    func change<Value, Failure: Error>(
        _ body: (inout World) throws(Failure) -> sending Value
    ) throws(Failure) -> sending Value {
        let (now, uptime) = (clock.now, clock.uptime)
        return try world.withLock { world throws(Failure) in
            world.now = now
            world.uptime = uptime
            return try body(&world)
        }
    }

    // MARK: Calls

    public func call(in request: HTTPRequest) -> DiscordCall { DiscordCall(request) }

    public func answer(_ call: DiscordCall) async -> HTTPResponse {
        switch call.kind {
        case .elsewhere: return APIRefusal.notFound.response
        case .gateway: return gateway(call, refusesTokens: false)
        case .file(let id):
            guard let content = change({ $0.file(id) }) else {
                return .text("This content is no longer available.", status: 404)
            }
            return HTTPResponse(
                status: 200, headers: ["Content-Type": "application/octet-stream"], body: .bytes(content))
        case .method(let method, let path): return answer(method, path, call)
        }
    }

    private func answer(_ method: HTTPRequest.Method, _ path: [String], _ call: DiscordCall) -> HTTPResponse {
        let (headers, response) = change { world -> (HTTPHeaders, HTTPResponse) in
            // Answers to interactions are under no limit that anybody is told of.
            let told: (headers: HTTPHeaders, wait: Double?) =
                path.first == "interactions"
                ? (headers: HTTPHeaders(), wait: nil)
                : world.count(method, path, bot: World.number(in: call.token) ?? "")
            let headers = told.headers
            if let wait = told.wait { return (headers, APIRefusal.tooMany(wait, scope: "user")) }
            do throws(APIRefusal) {
                switch try world.answer(method, path, call) {
                case .json(let value): return (headers, Self.response(value, 200, call.host))
                case .nothing: return (headers, HTTPResponse(status: 204))
                case .status(let status, let value): return (headers, Self.response(value, status, call.host))
                }
            } catch {
                return (headers, error.response)
            }
        }
        var answered = response
        for field in headers.fields { answered.headers[field.name] = field.value }
        return answered
    }

    private static func response(_ value: JSONValue, _ status: Int, _ host: String) -> HTTPResponse {
        var response = HTTPResponse.json(value, status: status)
        response.body = .bytes(Array(World.addressed(value.text(), host).utf8))
        return response
    }

    private func gateway(_ call: DiscordCall, refusesTokens: Bool) -> HTTPResponse {
        let server = GatewayServer(
            simulator: self, request: call.request, host: call.host, refusesTokens: refusesTokens)
        return HTTPResponse(status: 101, body: .webSocket(server))
    }

    public func refusal(of call: DiscordCall, because cause: SimulatedRefusal) -> HTTPResponse? {
        if call.kind == .gateway {
            switch cause {
            case .unauthorized: return gateway(call, refusesTokens: true)
            case .status(let code, _): return HTTPResponse(status: code)
            default: return nil
            }
        }
        switch cause {
        case .rateLimit(let seconds, let scope): return APIRefusal.tooMany(seconds, scope: scope ?? "user")
        case .unauthorized: return APIRefusal.unauthorized.response
        case .conflict: return nil
        case .status(let code, let description): return Self.refusal(code, description)
        }
    }

    private static func refusal(_ code: Int, _ description: String?) -> HTTPResponse {
        switch code {
        case 400: APIRefusal(400, 50035, description ?? "Invalid Form Body").response
        case 401: APIRefusal.unauthorized.response
        case 403: APIRefusal(403, 50013, description ?? "Missing Permissions").response
        case 404: APIRefusal(404, 10003, description ?? "Unknown Channel").response
        case 502...504:
            .text("<html><body>\(description ?? "\(code)")</body></html>", status: code, type: "text/html")
        default: APIRefusal(code, 0, description ?? "\(code): Internal Server Error").response
        }
    }

    // MARK: Control

    public func say(
        _ utterance: SimulatedUtterance
    ) throws(SimulatorControlError) -> SimulatedUtterance.Receipt {
        try change { world throws(SimulatorControlError) in try world.say(utterance) }
    }

    public func inject(_ payload: JSONDocument) throws(SimulatorControlError) {
        try change { world throws(SimulatorControlError) in try world.inject(payload) }
    }

    public func faultsChanged() { change { $0.befallAll() } }

    public var sent: [SimulatedMessage] {
        change { world in world.sent.map { $0.simulated(in: world) } }
    }

    public func setWebhook(_ webhook: SimulatedWebhook) throws(SimulatorControlError) {
        throw SimulatorControlError("webhook: bots of Discord connect by themselves; there is nothing to set")
    }

    public func reset() {
        let fresh = Self.newWorld(entropy, control.faults)
        change { world in
            for session in world.sessions.values { session.connection?.cut() }
            world = fresh
        }
    }
}

extension StoredMessage {
    /// As people see it: backslashes before markup are not shown.
    fileprivate func simulated(in world: World) -> SimulatedMessage {
        let place = world.places[place]
        let isThread = place?.isThread ?? false
        return SimulatedMessage(
            id: MessageID(id), conversation: Conversation.ID(isThread ? place?.parent ?? self.place : self.place),
            thread: isThread ? Conversation.Thread(self.place) : nil,
            text: ShownText.text(of: members["content"]?.string ?? ""),
            replyTo: members["message_reference"]?["message_id"]?.string.map { MessageID($0) }, isEdited: isEdited,
            reactions: reactions.flatMap { reaction in
                reaction.users.filter { world.bots[$0] != nil }.map { _ in reaction.emoji["name"]?.string ?? "" }
            },
            files: files.map { SimulatedMessage.File(kind: $0.kind, name: $0.name, size: $0.size) },
            extras: ["bot": .string(bot ?? ""), "content": members["content"] ?? ""])
    }
}

/// What people see of a text.
private enum ShownText {
    static func text(of content: String) -> String {
        var output = ""
        var isCode = false
        var rest = content[...]
        while let character = rest.first {
            if rest.hasPrefix("```") {
                isCode.toggle()
                output += "```"
                rest = rest.dropFirst(3)
                continue
            }
            if !isCode, character == "\\", let next = rest.dropFirst().first, next.isASCII,
                next.isPunctuation || next.isSymbol
            {
                output.append(next)
                rest = rest.dropFirst(2)
                continue
            }
            output.append(character)
            rest = rest.dropFirst()
        }
        return output
    }
}
