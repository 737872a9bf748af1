import AdapterCatalog
import PraisonAgents
import PraisonConfig
import PraisonControlPlane
import PraisonCore
import PraisonNet

/// What only others than the reader of files can find out. Also of a file with problems, as far as it could be read, so
/// that all is told at once; what follows only from something missing is left unsaid where it may be missing because of
/// such a problem.
extension LoadedConfiguration {
    /// - Parameter environment: where `PATH` is.
    mutating func checkEverything(_ environment: [String: String]) {
        guard let readable else { return }
        checkChannels(of: readable)
        checkEssentials()
        for tool in readable.tools {
            for problem in ToolCheck.problems(in: tool) { add(.advice, at: "tools.\(tool.name).parameters", problem) }
        }
        checkPrograms(of: readable.mcpServers, searchPath: environment["PATH"] ?? "")
    }

    /// Without these the gateway does not start.
    mutating func checkEssentials() {
        guard let readable else { return }
        for entry in readable.guardrails {
            for (_, problem) in GuardrailCheck.problems(in: entry) {
                add(.error, at: "guardrails.registry.\(entry.name)", problem)
            }
        }
        let server = readable.server
        for error in TLSConfiguration.problems(in: server) {
            add(.error, at: error.isPrivateKey ? "gateway.ssl_key" : "gateway.ssl_cert", "\(error)")
        }
        for proxy in server.trustedProxies where AddressRange(proxy) == nil {
            add(
                .error, at: "gateway.trusted_proxies",
                "\"\(proxy.escapingControls)\" is neither an address nor a network such as 10.0.0.0/8")
        }
    }

    private mutating func checkChannels(of configuration: GatewayConfiguration) {
        for channel in configuration.channels {
            let isOff = channel.offReason != nil
            // One that waits for a variable is looked at, one that is switched off or not offered is not.
            guard
                !isOff
                    || notices.contains(where: { $0.severity == .off && $0.path.hasPrefix("channels.\(channel.name).") }
                    )
            else { continue }
            for refusal in ChannelRefusal.all(of: channel)
            where !hasProblem(at: refusal.path) && (isWhole && !isOff || channel.has(refusal.key)) {
                add(.error, at: refusal.path, refusal.problem)
            }
        }
    }

    /// Looks for the programs that lend tools. No error: the gateway may be about to run elsewhere.
    private mutating func checkPrograms(of servers: [MCPServerSettings], searchPath: String) {
        let programs = SpawnedProcesses(searchPath: searchPath)
        for server in servers {
            guard case .program(let command, _) = server.connection, let name = command.first,
                programs.path(of: name) == nil
            else { continue }
            let place = name.contains("/") ? "no program is there" : "no folder of PATH has this program"
            add(
                .advice, at: "mcp_servers.\(server.name).command",
                "\"\(name.escapingControls)\": \(place), so the server's tools will be missing")
        }
    }
}

/// What an adapter has against its settings.
struct ChannelRefusal {
    var channel: ChannelName
    /// The key concerned; empty for the channel as a whole.
    var key = ""
    var problem: String

    var path: String { key.isEmpty ? "channels.\(channel)" : "channels.\(channel).\(key)" }
    /// Why the channel is off, beside its name.
    var reason: String { key.isEmpty ? problem : "\(key): \(problem)" }

    static func all(of channel: ChannelSettings) -> [ChannelRefusal] {
        do {
            _ = try AdapterCatalog.entry(for: channel.platform)?.adapter.init(
                settings: channel, context: .unplugged(channel.name))
            return []
        } catch let error as ChannelSettingsError {
            return error.all.map { ChannelRefusal(channel: channel.name, key: $0.key, problem: $0.problem) }
        } catch {
            return [ChannelRefusal(channel: channel.name, problem: "\(error)")]
        }
    }
}

extension ChannelSettings {
    /// Whether there is a value for `key`.
    fileprivate func has(_ key: String) -> Bool {
        options[key] != nil || secrets[key] != nil || key == "token" && token != nil
            || key == "app_token" && appToken != nil
    }
}
