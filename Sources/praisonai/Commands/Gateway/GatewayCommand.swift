import ArgumentParser

/// `praisonai gateway …`: everything that acts on a gateway.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Start the gateway, and ask it how it fares.",
        subcommands: [
            GatewayStart.self, GatewayStatusCommand.self, GatewayChannels.self, GatewayCheck.self, GatewayPause.self,
            GatewayResume.self, GatewayReconnect.self,
        ])
}
