import Logging
import PraisonCore
import PraisonSimulation
import Synchronization

@testable import PraisonAgents

extension WireProvider {
    static func make(
        _ server: any HTTPHandler, baseURL: String = "http://models.example/v1", model: String = "small-1",
        key: String? = "sk-test-1234567890", wire: any ModelWire = ChatCompletionsWire(),
        clock: any GatewayClock = VirtualClock(), keepsTime: Bool = false, logger: Logger = silent
    ) -> WireProvider {
        guard let endpoint = ServerEndpoint(baseURL: baseURL) else { fatalError("\(baseURL) is no address") }
        return WireProvider(
            name: "openai/\(model)", model: model, wire: wire,
            account: Account(endpoint: endpoint, key: key.map(Secret.init)),
            http: InMemoryHTTPClient(server, clock: keepsTime ? clock : nil), clock: clock,
            entropy: SeededEntropy(), logger: logger)
    }
}

extension ModelRequest {
    static func make(_ text: String = "hello", temperature: Double? = nil) -> ModelRequest {
        ModelRequest(messages: [ChatMessage(.user, text)], temperature: temperature)
    }
}

extension Turn {
    static func make(_ text: String, history: [ChatMessage] = [], attachments: [Attachment] = []) -> Turn {
        Turn(
            id: "turn", history: history, input: [ChatMessage(.user, text, attachments: attachments)],
            conversation: Conversation(channel: "test", id: "1", scope: .dm), sender: Sender(id: "7"))
    }
}

extension ToolShelf {
    static func make(
        _ server: any HTTPHandler = ScriptedServer([]), _ settings: ToolsSettings = ToolsSettings(),
        environment: [String: String] = [:], launcher: (any ProcessLauncher)? = nil,
        clock: any GatewayClock = VirtualClock()
    ) -> ToolShelf {
        ToolShelf(
            settings, services: ToolServices(environment: environment),
            Surroundings(
                http: InMemoryHTTPClient(server), clock: clock, launcher: launcher, path: "/usr/bin:/bin",
                logger: silent))
    }
}

extension AgentSettings {
    static func with(name: AgentName = "a", tools: [String]) -> AgentSettings {
        AgentSettings(name: name, tools: tools)
    }
}

/// Keeps what it is given, in order.
final class Collected<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])
    var all: [Element] { elements.withLock { $0 } }
    func add(_ element: Element) { elements.withLock { $0.append(element) } }
}

/// Keeps what is logged.
struct LogRecorder: LogHandler {
    let lines: Collected<String>
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.add("\(event.level) \(event.message) \(event.metadata ?? [:])")
    }

    static func logger(_ lines: Collected<String>) -> Logger {
        Logger(label: "test") { _ in LogRecorder(lines: lines) }
    }
}

let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
