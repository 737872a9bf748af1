import Foundation
public import Logging
import PraisonAgents
import PraisonClient
public import PraisonCore
import PraisonNet

/// An agent: who it is, and how it answers. It serves in a gateway of this process (``Gateway``), or in one elsewhere
/// (``run(gateway:token:concurrency:logger:)``).
///
/// ```swift
/// let agent = Agent(name: "assistant", instructions: "You help users with tasks")
/// try await agent.run()
/// ```
public struct Agent: Sendable {
    /// Answers in place of a language model.
    public typealias Answering =
        @Sendable (Turn, _ colleagues: any Colleagues, _ emit: @escaping @Sendable (ReplyPart) async throws -> Void)
        async throws -> Reply

    /// The name it is routed to and asked by.
    public var name: String
    public var instructions: String
    /// As in gateway.yaml; `nil` for the default. Keys come from the environment, as `OPENAI_API_KEY`.
    public var model: String?
    public var temperature: Double?
    public var tools: [String]
    public var baseURL: String?
    public var apiKey: Secret?
    /// What it is good for, for people and for other agents.
    public var description: String?
    private let answering: Answering?

    /// An agent that thinks with a language model.
    public init(
        name: String, instructions: String = "", model: String? = nil, temperature: Double? = nil,
        tools: [String] = [], baseURL: String? = nil, apiKey: Secret? = nil, description: String? = nil
    ) {
        self.name = name
        self.instructions = instructions
        self.model = model
        self.temperature = temperature
        self.tools = tools
        self.baseURL = baseURL
        self.apiKey = apiKey
        self.description = description
        answering = nil
    }

    /// An agent that answers by code.
    ///
    /// - Parameter answering: gets the question, the gateway's other agents, and where to tell the answer while it
    ///   grows; what it tells adds up to the text it returns.
    public init(name: String, description: String? = nil, answering: @escaping Answering) {
        self.name = name
        instructions = ""
        tools = []
        self.description = description
        self.answering = answering
    }

    /// Serves the agent to a gateway elsewhere until cancelled: registers it there, answers, and registers again by
    /// itself when the connection is lost.
    ///
    /// - Parameters:
    ///   - gateway: the gateway's WebSocket; `nil` for the environment's `PRAISONAI_GATEWAY_URL`, else
    ///     `ws://127.0.0.1:8765/ws`.
    ///   - token: a token with the scope `admin`; `nil` for the environment's `GATEWAY_AUTH_TOKEN`, if any.
    ///   - concurrency: turns at once.
    /// - Throws: `GatewayClientError` when the gateway refuses for a reason that trying again does not change.
    public func run(
        gateway: String? = nil, token: Secret? = nil, concurrency: Int = 8,
        logger: Logger = Logger(label: "praisonai.agent")
    ) async throws {
        let environment = ProcessInfo.processInfo.environment
        let url = gateway ?? environment["PRAISONAI_GATEWAY_URL"].flatMap { $0.isEmpty ? nil : $0 }
        let shown = token ?? environment["GATEWAY_AUTH_TOKEN"].flatMap { $0.isEmpty ? nil : Secret($0) }
        let http = CurlHTTPClient(logger: logger)
        let host = AgentHost(
            AgentHost.Configuration(
                url: url ?? "ws://127.0.0.1:8765/ws", token: shown, description: description,
                concurrency: concurrency),
            webSocket: NIOWebSocketClient(logger: logger), logger: logger
        ) { made(by: Self.factory(http, logger, colleagues: $0), colleagues: $0).agent }
        do { try await host.run() } catch {
            await http.shutdown()
            throw error
        }
        await http.shutdown()
    }

    /// Makes agents with what the environment says, as the keys of their models.
    ///
    /// - Parameter colleagues: the agents of a gateway elsewhere; `nil` for those made together.
    static func factory(
        _ http: any HTTPClient, _ logger: Logger, colleagues: (any Colleagues)? = nil
    ) -> AgentFactory {
        AgentFactory(
            environment: ProcessInfo.processInfo.environment, http: http, colleagues: colleagues, clock: SystemClock(),
            entropy: SystemEntropy(), logger: logger)
    }

    /// The agent, ready to answer.
    func made(by factory: AgentFactory, colleagues: any Colleagues) -> ConfiguredAgent {
        guard let answering else { return factory.agents(for: [settings], fallbackModel: nil)[0] }
        let name = AgentName(name)
        return ConfiguredAgent(
            agent: CodeAgent(name: name, answering: answering, colleagues: colleagues),
            description: AgentDescription(name: name, summary: description, model: "code"))
    }

    private var settings: AgentSettings {
        AgentSettings(
            name: AgentName(name), instructions: instructions, model: model, temperature: temperature,
            baseURL: baseURL, apiKey: apiKey, tools: tools, description: description)
    }
}

/// Answers by code.
private struct CodeAgent: PraisonCore.Agent {
    let name: AgentName
    let answering: Agent.Answering
    let colleagues: any Colleagues

    func reply(to turn: Turn, emit: @escaping @Sendable (ReplyPart) async throws -> Void) async throws -> Reply {
        try await answering(turn, colleagues, emit)
    }
}
