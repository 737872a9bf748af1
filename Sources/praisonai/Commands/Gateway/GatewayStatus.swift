import ArgumentParser
import PraisonConfig
import PraisonCore
import PraisonNet

/// `praisonai gateway status`: does it answer, and how does it fare?
struct GatewayStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Ask a running gateway how it fares.",
        usage: "praisonai gateway status [OPTIONS]",
        discussion: """
            Examples:
              praisonai gateway status
              praisonai gateway status --host 10.0.0.5 --token "$TOKEN" --json
              praisonai gateway status --daemon-only     without asking it anything

            Without --url, --host and --port the gateway of the store is asked if one runs,
            else the address in gateway.yaml.

            Exit code 0 when it answers, 75 when it does not. With --daemon-only: 0 when a
            gateway holds the store, 75 when none does.
            """)

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var store: StoreOptions

    @Option(help: "Its address, such as https://10.0.0.5:8765.")
    var url: String?

    @Option(help: "Where it listens.")
    var host: String?

    @Option(help: "The port it listens on.")
    var port: Int?

    @Option(help: "Its auth_token, where it has one; GATEWAY_AUTH_TOKEN and gateway.yaml are read too.")
    var token: String?

    @Flag(help: "Only what this machine knows: the process that holds the store, and the service.")
    var daemonOnly = false

    @Flag(help: "One JSON object instead of lines.")
    var json = false

    // The reference's flags; what they ask for is told anyway.
    @Flag(help: .hidden)
    var deep = false

    @Flag(help: .hidden)
    var probe = false

    func run() async throws {
        if daemonOnly {
            let source = options.source
            let daemon = DaemonState(store: store.location(source.folder), source)
            Console.write(
                json ? JSONValue.object(["daemon": daemon.json]).text() : daemon.lines().joined(separator: "\n"))
            if daemon.holder == nil { Console.exit(.tryAgain) }
            return
        }
        let contact = try GatewayContact(
            url: url, host: host, port: port, token: token, options: options, store: store)
        let answer = await GatewayInquiry(contact: contact, logger: StandardErrorLog.logger()).ask()
        let report = StatusReport(answer, contact.daemon)
        Console.write(json ? report.json.text() : report.text(width: Console.columns, Paint(.output)))
        if case .unreachable = answer.state { Console.exit(.tryAgain) }
    }
}
