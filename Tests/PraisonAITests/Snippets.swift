import Logging
import PraisonAI
import PraisonClient
import PraisonNet

// What stands between `snippet:` and `end` is shown in docs/swift.md; a test compares them.

enum Snippets {
    static func configure() -> GatewayConfig {
        // snippet: configure
        let config = GatewayConfig(
            host: "127.0.0.1",
            port: 8765,
            authToken: "your-secret-token"
        )
        // end
        return config
    }

    static func connect() async throws {
        // snippet: connect
        let agent = Agent(
            name: "assistant",
            instructions: "You help users with tasks"
        )

        // Registers with PRAISONAI_GATEWAY_URL, or ws://127.0.0.1:8765/ws, and again whenever the connection is lost.
        try await agent.run()
        // end
    }

    static func options() -> GatewayConfig {
        // snippet: options
        let config = GatewayConfig(
            host: "127.0.0.1",  // Bind address
            port: 8765,  // WebSocket port
            authToken: "secret",  // Authentication token
            maxConnections: 1000,  // Max concurrent connections
            heartbeatInterval: .seconds(30),  // Heartbeat
            sessionConfig: SessionConfig(
                timeout: .seconds(3600),  // Session timeout (1 hour)
                maxMessages: 1000  // Message history limit
            )
        )
        // end
        return config
    }

    static func push() -> GatewayConfig {
        // snippet: push
        let config = GatewayConfig(
            push: PushConfig(enabled: true)
        )
        // end
        return config
    }

    static func event() -> GatewayEvent {
        // snippet: event
        // Create an event
        let event = GatewayEvent(
            type: EventType.message,
            data: ["content": "Hello!"],
            source: "agent-1",
            target: "client-1"
        )
        // end
        return event
    }

    static func manyAgents() async throws {
        // snippet: many-agents
        // Configure gateway
        let config = GatewayConfig(port: 8765)

        // Create specialized agents
        let researcher = Agent(
            name: "researcher",
            instructions: "Research topics thoroughly"
        )

        let writer = Agent(
            name: "writer",
            instructions: "Write clear content"
        )

        // Agents coordinate via gateway
        let gateway = Gateway(config, agents: [researcher, writer])
        try await gateway.run()
        // end
    }

    static func secure() -> GatewayConfig {
        // snippet: secure
        let config = GatewayConfig(
            host: "0.0.0.0",
            port: 8765,
            authToken: "your-secret-token",
            sslCert: "/path/to/cert.pem",
            sslKey: "/path/to/key.pem"
        )
        // end
        return config
    }

    static func sessions() -> SessionConfig {
        // snippet: sessions
        let sessionConfig = SessionConfig(
            timeout: .seconds(7200),  // 2 hour timeout
            maxMessages: 500,  // Keep last 500 messages
            persist: true,  // Save session state
            persistPath: "./sessions"
        )
        // end
        return sessionConfig
    }

    static func shutdown(_ gateway: Gateway) {
        // snippet: shutdown
        // On SIGTERM / server stop
        gateway.shutdown()
        // end
    }

    static func flush(_ config: GatewayConfig, _ agents: [Agent], _ metrics: Metrics) async throws {
        // snippet: flush
        let gateway = Gateway(config, agents: agents) {
            await metrics.flush()
        }
        try await gateway.run()
        // end
    }

    /// What an embedder may have.
    struct Metrics: Sendable {
        func flush() async {}
    }

    static func client(_ token: Secret) async throws {
        // snippet: client
        let logger = Logger(label: "my-program")
        try await GatewayClient.withClient(
            .init(url: "ws://127.0.0.1:8765/ws", agent: "assistant", token: token),
            webSocket: NIOWebSocketClient(logger: logger), logger: logger
        ) { client in
            // A question and its whole answer.
            print(try await client.ask("What is a gateway?").text)

            // A message, and all that is heard of it while it is answered.
            try await client.send("Tell me more")
            for await event in client.events {
                switch event {
                case .text(let more): print(more, terminator: "")
                case .streamRestarted: print("\n(once more)")
                case .reply(let reply): return print(reply.isOK ? "" : reply.text)
                case .problem(let message, _, _, _): return print(message)
                default: continue
                }
            }
        }
        // end
    }

    static func code() -> Agent {
        // snippet: code
        let clerk = Agent(name: "clerk", description: "Knows the archives.") { turn, colleagues, tell in
            let question = turn.input.last?.text ?? ""
            let research = try await colleagues.ask("researcher", question, by: "clerk", during: turn)
            try await tell(.text("The researcher says: "))
            try await tell(.text(research.text))
            return Reply(text: "The researcher says: " + research.text)
        }
        // end
        return clerk
    }
}
