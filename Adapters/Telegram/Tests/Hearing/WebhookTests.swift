import PraisonCore
import PraisonSimulation
import PraisonTesting
import TelegramAdapter
import Testing

@Suite(.timeLimit(.minutes(1))) struct `a channel with a webhook` {
    private let clock: VirtualClock
    private let api: ScriptedAPI
    private let channel: TestChannel
    private static let secret = "Our_own-Secret"

    init() {
        clock = VirtualClock()
        api = ScriptedAPI(clock: clock)
        var channel = TestChannel(api, clock: clock)
        channel.options = ["mode": "webhook", "webhook_url": "http://127.0.0.1:9/webhooks/telegram"]
        channel.secrets = ["webhook_secret": Secret(Self.secret)]
        self.channel = channel
        api.answer("getWebhookInfo", info())
    }

    private func info(url: String = "http://127.0.0.1:9/webhooks/telegram", more: [String: JSONValue] = [:])
        -> HTTPResponse
    {
        .result(.object(more.merging(["url": .string(url)]) { own, _ in own }))
    }

    private func delivery(
        _ body: String = "{\"update_id\": 1, \"message\": {\"message_id\": 2, \"date\": 3, \"text\": \"hello\", "
            + "\"chat\": {\"id\": 1001, \"type\": \"private\"}}}",
        secret: String? = secret, method: HTTPRequest.Method = .post
    ) -> HTTPRequest {
        var request = HTTPRequest(method, "/webhooks/telegram", body: Array(body.utf8))
        request.headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        return request
    }

    /// The response of an adapter that knows who it is.
    private func response(to request: HTTPRequest) async throws -> HTTPResponse {
        try await channel.running { adapter in
            await clock.nextSleeper()
            return await adapter.respond(to: request)
        }
    }

    @Test func `registers its address, its secret and what it wants to hear`() async throws {
        _ = try await channel.running { _ in await clock.nextSleeper() }
        let call = try #require(api.calls("setWebhook").first)
        #expect(call["url"] == "http://127.0.0.1:9/webhooks/telegram")
        #expect(call["secret_token"] == .string(Self.secret))
        #expect(call["drop_pending_updates"] == false)
        #expect(call["allowed_updates"]?.array?.contains("message_reaction") == true)
        #expect(channel.recorder.snapshot.health.last == .receiving)
    }

    @Test func `makes a secret from its token that is the same every time`() async throws {
        var channel = channel
        channel.secrets = [:]
        for _ in 1...2 {
            api.answer("getWebhookInfo", info())
            _ = try await channel.running { _ in await clock.nextSleeper() }
        }
        let secrets = Set(api.calls("setWebhook").compactMap { $0["secret_token"]?.string })
        #expect(secrets.count == 1)
        #expect(secrets.first?.count == 64)
        #expect(secrets.first?.contains("FAKE") == false)
    }

    @Test func `confirms a delivery once it is in the journal`() async throws {
        #expect(try await response(to: delivery()).status == 200)
        #expect(channel.recorder.snapshot.texts == ["hello"])
    }

    @Test func `asks for another delivery when the journal cannot take it`() async throws {
        channel.recorder.refuse(next: 1)
        let response = try await response(to: delivery())
        #expect(response.status == 503)
        #expect(response.headers["Retry-After"] == "2")
    }

    @Test(arguments: [nil, "", "Our_own-Secre", "Our_own-Secret ", "our_own-secret"])
    func `takes nothing from whoever does not know the secret`(secret: String?) async throws {
        #expect(try await response(to: delivery(secret: secret)).status == 401)
        #expect(channel.recorder.snapshot.events.isEmpty)
    }

    @Test func `refuses what is no delivery`() async throws {
        #expect(try await response(to: delivery(method: .get)).status == 405)
        #expect(try await response(to: delivery("not JSON")).status == 400)
        #expect(try await response(to: delivery(String(repeating: " ", count: 5 << 20))).status == 413)
    }

    @Test func `takes an update it cannot read, lest it block all behind it`() async throws {
        #expect(try await response(to: delivery("{\"update_id\": 1}")).status == 200)
        #expect(channel.log.lines.contains { $0.contains("could not be read") })
    }

    @Test func `is not ready before it knows who it is`() async throws {
        #expect(try await channel.adapter().respond(to: delivery()).status == 503)
    }

    @Test func `takes no deliveries while it polls`() async throws {
        let polling = TestChannel(api, clock: clock)
        #expect(try await polling.adapter().respond(to: delivery()).status == 404)
    }

    @Test func `says when Telegram cannot deliver`() async throws {
        let now = clock.now.microseconds / 1_000_000
        _ = try await channel.running { _ in
            await clock.nextSleeper()
            api.answer(
                "getWebhookInfo",
                info(more: [
                    "pending_update_count": 3, "last_error_date": JSONValue(now),
                    "last_error_message": "Connection refused",
                ]))
            await channel.until { $0.health.contains { $0.reason?.contains("Connection refused") == true } }
        }
    }

    @Test func `takes its webhook back, but does not fight over it`() async throws {
        api.answer("getWebhookInfo", info(url: "https://elsewhere.test/"), info(url: "https://elsewhere.test/"))
        _ = try await channel.running { _ in
            #expect(await clock.advanceToNextSleeper() == .seconds(60))
            #expect(await clock.advanceToNextSleeper().inSeconds >= 3.75)
            #expect(await clock.advanceToNextSleeper().inSeconds >= 7.5)
        }
        #expect(api.calls("setWebhook").count >= 2)
    }
}
