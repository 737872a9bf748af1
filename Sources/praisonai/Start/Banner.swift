import PraisonAgents
import PraisonCore
import PraisonGateway

/// What a person sees first: where the gateway listens, what it keeps, which channels are on or why not, who answers, and
/// who may speak.
struct Banner {
    private let configuration: GatewayConfiguration
    private let agents: [ConfiguredAgent]
    private let store: StoreLocation
    private let file: String?
    private let ignoredKeyCount: Int

    /// - Parameters:
    ///   - file: what was read; `nil` where there was nothing to read.
    ///   - ignoredKeyCount: keys of the file that are not acted upon.
    init(
        _ configuration: GatewayConfiguration, agents: [ConfiguredAgent], store: StoreLocation, file: String?,
        ignoredKeyCount: Int = 0
    ) {
        self.ignoredKeyCount = ignoredKeyCount
        self.configuration = configuration
        self.agents = agents
        self.store = store
        self.file = file
    }

    func text(address: String, _ paint: Paint = Paint(isOn: false)) -> String {
        var lines = [
            "\(paint.bold("praisonai \(Praisonai.version)")) is listening on \(address)",
            "",
            "  Chat      \(local(address))/  or  praisonai chat",
            "  Clients   ws\(local(address).dropFirst(4))/ws, \(clientAccess)",
            "  Config    \(file ?? "no gateway.yaml found, so one demonstration agent answers")".escapingControls,
            "  Store     \(store.description)".escapingControls,
        ]
        lines += section("Agents", agentWords(paint), none: "none")
        lines += section(
            "Channels", channelWords(paint), none: "none; add one under channels: to reach people elsewhere")
        if ignoredKeyCount > 0 {
            lines.append(
                "  Note      \(ignoredKeyCount) of the file's keys have no effect; praisonai gateway check tells which")
        }
        lines += ["", "Press Ctrl+C to stop"]
        return lines.joined(separator: "\n")
    }

    private func section(_ title: String, _ entries: [String], none: String) -> [String] {
        let entries = entries.isEmpty ? [none] : entries
        let label = title + String(repeating: " ", count: 10 - title.count)
        return entries.enumerated().map { "  " + ($0 == 0 ? label : "          ") + $1 }
    }

    /// The address for a browser on this machine: one that listens everywhere has no address of its own.
    private func local(_ address: String) -> String {
        address.replacing("//0.0.0.0:", with: "//127.0.0.1:").replacing("//[::]:", with: "//127.0.0.1:")
    }

    private var clientAccess: String {
        let server = configuration.server
        if server.authToken?.isEmpty == false || !server.scopedTokens.isEmpty { return "with the auth_token" }
        return "from this machine only, without a token"
    }

    private func agentWords(_ paint: Paint) -> [String] {
        // Said once, where it is the same for all of them.
        let isDemonstration = agents.count > 1 && agents.allSatisfy(\.isDemonstration)
        let lines = agents.map { Self.words(for: $0, hidingNote: isDemonstration, paint) }
        guard isDemonstration else { return lines }
        return lines + [
            paint.yellow("no key is set, so the built-in demonstration model answers for all of them;"),
            paint.yellow("OPENAI_API_KEY in the environment, or base_url in the file, brings the models of the file"),
        ]
    }

    private static func words(for agent: ConfiguredAgent, hidingNote: Bool, _ paint: Paint) -> String {
        let name = agent.description.name.rawValue.escapingControls
        let model = agent.description.model.escapingControls
        guard !hidingNote, let note = agent.note?.escapingControls else { return "\(name): \(model)" }
        return "\(name): \(model)" + (agent.isReady ? " (\(note))" : ", \(paint.yellow("not ready")): \(note)")
    }

    private func channelWords(_ paint: Paint) -> [String] {
        ChannelOverview.all(in: configuration).flatMap { channel -> [String] in
            let name = channel.name.escapingControls
            if let reason = channel.offReason {
                return ["\(name) is \(paint.yellow("off")): \(reason.escapingControls)"]
            }
            let head = "\(name) is \(paint.green("on")): \(channel.routing.escapingControls)"
            let access = "  who may write: \(channel.access.escapingControls)"
            return [head, access] + channel.warnings.map { "  \(paint.yellow("note")): \($0.escapingControls)" }
        }
    }
}
