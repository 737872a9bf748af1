import PraisonCore
import Testing

@testable import PraisonConfig

@Suite struct `the gateway block` {
    private func server(_ lines: String, _ environment: [String: String] = [:]) throws -> ServerSettings {
        let indented = lines.split(separator: "\n").map { "  \($0)\n" }.joined()
        let loaded = ConfigurationLoader.make(environment).load("agents: {a: {}}\ngateway:\n\(indented)")
        return try #require(loaded.configuration, "\(loaded.problems.map(\.description))").server
    }

    private func problems(_ lines: String, _ environment: [String: String] = [:]) -> [String] {
        let indented = lines.split(separator: "\n").map { "  \($0)\n" }.joined()
        return ConfigurationLoader.make(environment).load("agents: {a: {}}\ngateway:\n\(indented)").problems
            .map(\.description)
    }

    @Test func `opens with several tokens, each with its scopes`() throws {
        let server = try server(
            """
            auth: {tokens: [{token: "${READER}", scopes: [read]}, {token: abc, scopes: "write, approvals"}]}
            auth_scopes: {"${ADMIN}": admin}
            """, ["READER": "r-secret", "ADMIN": "a-secret"])
        #expect(
            server.scopedTokens == [
                ScopedToken(token: Secret("r-secret"), scopes: [.read]),
                ScopedToken(token: Secret("abc"), scopes: [.write, .approvals]),
                ScopedToken(token: Secret("a-secret"), scopes: [.admin]),
            ])
    }

    @Test func `shows no token in a problem`() {
        let problems = problems("auth_scopes: {hush-hush: [rite], hush-hush: [read]}")
        #expect(
            problems
                == [
                    "gateway.yaml:3:36: gateway.auth_scopes: duplicate key; it is already in line 3",
                    "gateway.yaml:3:29: gateway.auth_scopes[0]: expected read, write, approvals, pairing, admin, "
                        + "found \"rite\"; did you mean write?",
                ].sorted())
    }

    @Test func `needs both files to serve TLS`() {
        #expect(
            problems("ssl_cert: cert.pem")
                == ["gateway.yaml:3:13: gateway.ssl_key: missing; ssl_cert needs it to serve TLS"])
    }

    @Test func `keeps clients that miss heartbeats only when told to`() throws {
        #expect(try server("port: 1").missedBeatsBeforeReap == 2)
        #expect(try server("liveness: {missed_beats_before_reap: 5}").missedBeatsBeforeReap == 5)
        #expect(try server("liveness: {enabled: false}").missedBeatsBeforeReap == 0)
    }

    @Test func `goes before the environment, which goes before the default`() throws {
        let environment = ["GATEWAY_PORT": "9000", "GATEWAY_MAX_PAYLOAD": "2048", "GATEWAY_AUTH_TOKEN": " t\n"]
        let server = try server("port: 9001", environment)
        #expect(server.port == 9001)
        #expect(server.maxPayload == 2048)
        #expect(server.authToken == Secret("t"))
        #expect(server.maxQueuedFrames == 1000)
    }

    @Test func `tells a mistake in the environment by the variable's name`() {
        #expect(
            problems("host: localhost", ["GATEWAY_PORT": "http"])
                == ["environment: GATEWAY_PORT: expected a whole number from 1 to 65535, found \"http\""])
    }

    @Test func `ignores the address Kubernetes gives to a service called gateway`() throws {
        #expect(try server("host: localhost", ["GATEWAY_PORT": "tcp://10.0.0.1:80"]).port == 8765)
    }
}
