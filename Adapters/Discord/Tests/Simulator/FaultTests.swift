import PraisonCore
import PraisonSimulation
import Testing

@testable import DiscordSimulator

@Suite struct `a fault that is asked for` {
    private func answer(_ fault: JSONValue, _ stage: DiscordStage = DiscordStage()) async throws -> (Int, String) {
        let response = await stage.simulator.respond(
            to: HTTPRequest(.post, "http://discord.test/_sim/faults", body: fault.bytes()))
        return (response.status, String(decoding: response.bytes, as: UTF8.self))
    }

    @Test(arguments: [1000, 1001, 3000, 4009, 4999]) func `closes as a server may`(code: Int) async throws {
        #expect(try await answer(["kind": "close", "code": JSONValue(code)]).0 == 200)
    }

    @Test(arguments: [0, 999, 1002, 1005, 1006, 2999, 5000, 70_000, -1])
    func `is refused where no server closes like that`(code: Int) async throws {
        let (status, body) = try await answer(["kind": "close", "code": JSONValue(code)])
        #expect(status == 400)
        #expect(body.contains("3000 to 4999"))
    }

    @Test(arguments: [("user", "false"), ("global", "true"), ("shared", "false")])
    func `limits whom it says`(scope: String, isGlobal: String) async throws {
        let stage = DiscordStage()
        #expect(try await answer(["kind": "rate_limit", "retry_after": 7, "scope": .string(scope)], stage).0 == 200)
        let response = await stage.simulator.respond(
            to: HTTPRequest(.get, "http://discord.test/api/v10/gateway/bot"))
        #expect(response.status == 429)
        #expect(response.headers["X-RateLimit-Scope"] == scope)
        #expect(try JSONDocument(parsing: response.bytes)["global"]?.value.text() == isGlobal)
    }

    @Test func `is the proxy's, a page, where it says so`() async throws {
        let stage = DiscordStage()
        #expect(try await answer(["kind": "rate_limit", "retry_after": 7, "scope": "cloudflare"], stage).0 == 200)
        let response = await stage.simulator.respond(
            to: HTTPRequest(.get, "http://discord.test/api/v10/gateway/bot"))
        #expect(response.status == 429)
        #expect(response.headers["Content-Type"]?.hasPrefix("text/html") == true)
        #expect(response.headers["Via"] == nil)
        #expect(response.headers["Retry-After"] == "7")
    }

    @Test func `has a scope that there is`() async throws {
        #expect(try await answer(["kind": "rate_limit", "scope": "planet"]).1.contains("none of user, global"))
    }
}
