import ArgumentParser
import PraisonCore
import PraisonStore

/// `praisonai pairing approve CHANNEL CODE`.
struct PairingApprove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Let in whoever was given the code.",
        discussion: """
            Example:
              praisonai pairing approve telegram K7QW2MNP

            A gateway that is running knows at once. Exit code 1 when there is no such code.
            """)

    @Argument(help: "The channel, as it is called in gateway.yaml.")
    var channel: String

    @Argument(help: "The eight characters the bot answered with.")
    var code: String

    @OptionGroup var options: StoreOptions

    func run() async throws {
        let approved = try await PairingCommand.withJournal(options) { journal in
            try await journal.approvePairing(
                channel: ChannelName(channel), code: code.uppercased(), at: SystemClock().now)
        }
        guard let sender = approved?.sender else {
            throw CommandFailure(
                .failed,
                "there is no such code for \(channel), or it has expired; whoever was given it can write to the bot "
                    + "again and gets another")
        }
        let name = sender.displayName ?? sender.username.map { "@\($0)" } ?? "the person"
        Console.write("\(name) (\(sender.id)) may write on \(channel) now.".escapingControls)
    }
}
