import Foundation
import Logging
import PraisonAI
import PraisonClient
import PraisonNet
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct `an embedded gateway` {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private static let config = GatewayConfig(port: 0, sessionConfig: SessionConfig(persist: false))

    /// Says back what it hears.
    private static let echo = Agent(name: "echo") { turn, _, tell in
        let text = "you said \(turn.input.last?.text ?? "")"
        try await tell(.text(text))
        return Reply(text: text)
    }

    private func client<Value: Sendable>(
        _ address: String, _ agent: String, _ body: @escaping @Sendable (GatewayClient) async throws -> Value
    ) async throws -> Value {
        let url = address.replacing("http://", with: "ws://") + "/ws"
        return try await GatewayClient.withClient(
            .init(url: url, agent: agent), webSocket: NIOWebSocketClient(logger: Self.quiet), logger: Self.quiet, body)
    }

    /// Runs the gateway for as long as `body` takes, then shuts it down and waits for its end.
    private func running<Value: Sendable>(
        _ gateway: Gateway, _ body: @escaping @Sendable (String) async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await gateway.run()
                return nil
            }
            group.addTask {
                defer { gateway.shutdown() }
                return try await body(try #require(await gateway.address))
            }
            var value: Value?
            for try await result in group { value = result ?? value }
            return try #require(value)
        }
    }

    @Test func `answers clients, and ends when told to, however often`() async throws {
        let gateway = Gateway(Self.config, agents: [Self.echo], logger: Self.quiet)
        let answer = try await running(gateway) { address in
            try await client(address, "echo") { try await $0.ask("hello").text }
        }
        #expect(answer == "you said hello")
        gateway.shutdown()
        gateway.shutdown()
    }

    @Test func `ends when it is cancelled, and leaves port and store to the next`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "praisonai-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var config = Self.config
        config.sessionConfig = SessionConfig(persistPath: folder.path())
        let port = ReusedPort()
        config.port = port.number
        let gateway = Gateway(config, agents: [Self.echo], logger: Self.quiet)
        let address = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await gateway.run() }
            let address = try #require(await gateway.address)
            _ = try await client(address, "echo") { try await $0.ask("hello").text }
            group.cancelAll()
            return address
        }
        await #expect(throws: GatewayConfigError.self) { try await gateway.run() }
        // A closed store has emptied its write-ahead log into the database.
        let log = try FileManager.default.attributesOfItem(atPath: folder.path() + "/gateway.sqlite-wal")
        #expect(log[.size] as? Int == 0)
        try await port.released()
        try await running(Gateway(config, agents: [Self.echo], logger: Self.quiet)) { #expect($0 == address) }
    }

    /// How often `onShutdown` was called, and whether it could take its time.
    private final class Farewells: Sendable {
        private let found = Mutex<[Bool]>([])
        func note(isCancelled: Bool) { found.withLock { $0.append(!isCancelled) } }
        var all: [Bool] { found.withLock { $0 } }
    }

    private func gateway(_ farewells: Farewells) -> Gateway {
        Gateway(Self.config, agents: [Self.echo], logger: Self.quiet) {
            farewells.note(isCancelled: Task.isCancelled)
        }
    }

    @Test func `lets its owner flush once everything is closed, once`() async throws {
        let farewells = Farewells()
        let gateway = gateway(farewells)
        try await running(gateway) { _ in #expect(farewells.all.isEmpty) }
        gateway.shutdown()
        #expect(farewells.all == [true])
    }

    @Test func `lets its owner flush when it is cancelled, too`() async throws {
        let farewells = Farewells()
        let gateway = gateway(farewells)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await gateway.run() }
            _ = await gateway.address
            group.cancelAll()
        }
        #expect(farewells.all == [true])
    }

    @Test func `that is shut down before it runs ends at once`() async throws {
        let farewells = Farewells()
        let gateway = gateway(farewells)
        gateway.shutdown()
        try await gateway.run()
        #expect(farewells.all == [true])
    }

    @Test func `tells its clients at the beginning of the stop, while answers under way still come`() async throws {
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let slow = Agent(name: "slow") { _, _, _ in
            beginning.yield()
            for await _ in released { break }
            return Reply(text: "done")
        }
        let gateway = Gateway(Self.config, agents: [slow], logger: Self.quiet)
        let answer = try await running(gateway) { address in
            try await client(address, "slow") { client in
                async let reply = client.ask("take your time")
                for await _ in begun { break }
                gateway.shutdown()
                for await event in client.events {
                    if case .status(let words) = event, words.contains("stopping") { break }
                }
                release.yield()
                return try await reply.text
            }
        }
        #expect(answer == "done")
    }

    @Test func `refuses what can't work, and says how to mend it`() async {
        let open = Gateway(GatewayConfig(host: "0.0.0.0", port: 0), agents: [Self.echo], logger: Self.quiet)
        await #expect(throws: GatewayConfigError.self) { try await open.run() }
        let weak = Gateway(
            GatewayConfig(host: "0.0.0.0", port: 0, authToken: "changeme"), agents: [Self.echo], logger: Self.quiet)
        await #expect(throws: GatewayConfigError.self) { try await weak.run() }
        let push = Gateway(Snippets.push(), agents: [Self.echo], logger: Self.quiet)
        await #expect(throws: GatewayConfigError.self) { try await push.run() }
        let twice = Gateway(Self.config, agents: [Self.echo, Self.echo], logger: Self.quiet)
        await #expect(throws: GatewayConfigError.self) { try await twice.run() }
    }

    @Test func `lets its agents ask each other`() async throws {
        let researcher = Agent(name: "researcher") { turn, _, _ in
            Reply(text: "42, about \(turn.input.last?.text ?? "")")
        }
        let gateway = Gateway(Self.config, agents: [Snippets.code(), researcher], logger: Self.quiet)
        let answer = try await running(gateway) { address in
            try await client(address, "clerk") { try await $0.ask("life").text }
        }
        #expect(answer == "The researcher says: 42, about life")
    }

    @Test func `makes events as the seed does`() {
        let event = Snippets.event()
        #expect(event.type == .message)
        #expect(event.data["content"] == "Hello!")
        #expect(event.source == "agent-1")
        #expect(event.target == "client-1")
        #expect(
            EventType.allCases.map(\.rawValue) == [
                "message", "connect", "disconnect", "error", "heartbeat", "broadcast",
            ])
        #expect(Snippets.configure().port == 8765)
        #expect(Snippets.options().sessionConfig.timeout == .seconds(3600))
        #expect(Snippets.secure().sslKey == "/path/to/key.pem")
        #expect(Snippets.sessions().persistPath == "./sessions")
    }
}
