import PraisonCore
import PraisonSimulation
import PraisonTesting
import Synchronization
import TelegramAdapter
import Testing

@Suite struct `the telegram block of a gateway.yaml` {
    private func problem(_ change: (inout TestChannel) -> Void) throws -> ChannelSettingsError {
        let clock = VirtualClock()
        var channel = TestChannel(ScriptedAPI(clock: clock), clock: clock)
        change(&channel)
        return try #require(#expect(throws: ChannelSettingsError.self) { try channel.adapter() })
    }

    private func settings(_ options: [String: JSONValue]) throws {
        let clock = VirtualClock()
        let channel = TestChannel(ScriptedAPI(clock: clock), clock: clock)
        var settings = channel.settings
        settings.options = options
        _ = try TelegramAdapter(settings: settings, context: channel.context)
    }

    @Test(arguments: [
        "", "hello", "123", "123:", ":abc", "123:a b", "abc:def", "123:abc\n", "\"123:abc\"", "bot123:abc",
    ])
    func `needs a token of the form BotFather gives, and says how to get one`(token: String) throws {
        let problem = try problem { $0.token = token }
        #expect(problem.key == "token")
        #expect(problem.problem.contains("@BotFather"))
        if token.count > 3 { #expect(!problem.problem.contains(token)) }
    }

    @Test func `needs a public address for webhooks`() throws {
        #expect(try problem { $0.options = ["mode": "webhook"] }.key == "webhook_url")
        #expect(try problem { $0.options = ["mode": "webhook", "webhook_url": "ftp://x"] }.key == "webhook_url")
    }

    @Test(arguments: ["https://x.org:8080/hook", "http://x.org/hook"])
    func `accepts only addresses to which Telegram itself delivers`(url: String) throws {
        #expect(throws: ChannelSettingsError.self) { try settings(["mode": "webhook", "webhook_url": .string(url)]) }
        // A local Bot API server has no such rules.
        try settings(["mode": "webhook", "webhook_url": .string(url), "api_base": "http://127.0.0.1:8081/"])
    }

    @Test(arguments: ["https://x.org/hook", "https://x.org:8443/hook", "https://[2001:db8::1]/hook"])
    func `accepts the addresses to which Telegram delivers`(url: String) throws {
        try settings(["mode": "webhook", "webhook_url": .string(url)])
    }

    @Test(arguments: ["not a url", "ftp://x.org", "https://", "https://x.org?a=b"])
    func `refuses an api_base that is no address`(base: String) throws {
        #expect(throws: ChannelSettingsError.self) { try settings(["api_base": .string(base)]) }
    }

    @Test(arguments: ["has space", "ümlaut", String(repeating: "a", count: 257)])
    func `refuses a webhook secret Telegram would not take`(secret: String) throws {
        let problem = try problem {
            $0.options = ["mode": "webhook", "webhook_url": "http://127.0.0.1/"]
            $0.secrets = ["webhook_secret": Secret(secret)]
        }
        #expect(problem.key == "webhook_secret")
        #expect(!problem.problem.contains(secret))
    }

    @Test func `is told of every key at fault at once`() throws {
        let problem = try problem {
            $0.token = "nonsense"
            $0.options = [
                "mode": "webhook", "webhook_url": "http://127.0.0.1/", "api_base": "https://api.telegram.org",
            ]
            $0.secrets = ["webhook_secret": Secret("bad secret!")]
        }
        #expect(problem.all.map(\.key) == ["token", "webhook_url", "webhook_secret"])
        #expect(problem.description.contains("webhook_secret: use 1 to 256"))
    }

    @Test func `sends its calls where api_base says`() async throws {
        let seen = AddressBook()
        let clock = VirtualClock()
        let channel = TestChannel(seen, clock: clock)
        _ = try? await channel.adapter().showTyping(in: channel.conversation())
        #expect(seen.targets == ["http://bot-api.test/bot123456:FAKE-TELEGRAM-TOKEN/sendChatAction"])
    }
}

/// Notes where requests go.
private final class AddressBook: HTTPHandler {
    private let seen = Mutex<[String]>([])
    var targets: [String] { seen.withLock { $0 } }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        seen.withLock { $0.append(request.target) }
        return .result(true)
    }
}
