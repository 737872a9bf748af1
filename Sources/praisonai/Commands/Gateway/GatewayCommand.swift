import ArgumentParser

/// `praisonai gateway …`: everything that acts on a gateway.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Start the gateway, and ask it how it fares.",
        discussion: """
            Examples:
              praisonai gateway start
              praisonai gateway check --config gateway.yaml
              praisonai gateway status
            """,
        subcommands: [
            GatewayStart.self, GatewayStatusCommand.self, GatewayChannels.self, GatewayCheck.self, GatewayPause.self,
            GatewayResume.self, GatewayReconnect.self,
        ])
}
