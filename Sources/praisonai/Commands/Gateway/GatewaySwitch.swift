import ArgumentParser

/// `praisonai gateway pause NAME`.
struct GatewayPause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Let a channel of a running gateway rest, until it is resumed.",
        usage: "praisonai gateway pause CHANNEL [OPTIONS]",
        discussion: """
            Example:
              praisonai gateway pause telegram-vip

            It neither hears nor speaks any more, also after a restart. Nothing is lost:
            what waits to go out is kept, and what comes in as far as the platform keeps it.

            \(GatewaySwitch.exitCodes)
            """)

    @OptionGroup var gateway: GatewaySwitch

    func run() async throws { try await gateway.turn("pause") }
}

/// `praisonai gateway resume NAME`.
struct GatewayResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "End a channel's rest.",
        usage: "praisonai gateway resume CHANNEL [OPTIONS]",
        discussion: """
            Example:
              praisonai gateway resume telegram-vip

            \(GatewaySwitch.exitCodes)
            """)

    @OptionGroup var gateway: GatewaySwitch

    func run() async throws { try await gateway.turn("resume") }
}

/// `praisonai gateway reconnect NAME`.
struct GatewayReconnect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconnect",
        abstract: "Let a channel start anew at once.",
        usage: "praisonai gateway reconnect CHANNEL [OPTIONS]",
        discussion: """
            Example:
              praisonai gateway reconnect telegram-vip

            Also where its token had been refused, and without waiting for the next attempt.

            \(GatewaySwitch.exitCodes)
            """)

    @OptionGroup var gateway: GatewaySwitch

    func run() async throws { try await gateway.turn("reconnect") }
}

/// A channel of a running gateway, to be switched over HTTP.
struct GatewaySwitch: ParsableArguments {
    static let exitCodes = """
        Exit code 0 when it is done, 1 when the gateway would not, 75 when it does not
        answer, 78 when it wants another token.
        """

    @Argument(help: "The channel, as it is called in gateway.yaml.")
    var channel: String

    @Option(help: "The gateway's address, such as http://127.0.0.1:8765; else the one of this machine's store.")
    var url: String?

    @Option(help: "Where it listens.")
    var host: String?

    @Option(help: "The port it listens on.")
    var port: Int?

    @Option(help: "A token with the scope admin; GATEWAY_AUTH_TOKEN and gateway.yaml are read too.")
    var token: String?

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var store: StoreOptions

    /// - Parameter word: the last part of the path.
    func turn(_ word: String) async throws {
        let contact = try GatewayContact(
            url: url, host: host, port: port, token: token, options: options, store: store)
        let inquiry = GatewayInquiry(contact: contact, logger: StandardErrorLog.logger())
        Console.write(try await inquiry.turn(channel, word).escapingControls)
    }
}
