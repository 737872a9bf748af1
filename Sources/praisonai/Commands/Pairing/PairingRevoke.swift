import ArgumentParser
import PraisonCore
import PraisonStore

/// `praisonai pairing revoke CHANNEL PERSON`.
struct PairingRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Shut out somebody who was let in by pairing.",
        discussion: """
            Example:
              praisonai pairing revoke telegram 7000000001

            Exit code 1 when they had not been let in.
            """)

    @Argument(help: "The channel, as it is called in gateway.yaml.")
    var channel: String

    @Argument(help: "The person, as the platform numbers them.")
    var person: String

    @OptionGroup var options: StoreOptions

    func run() async throws {
        let wasPaired = try await PairingCommand.withJournal(options) { journal in
            try await journal.revokePairing(channel: ChannelName(channel), sender: SenderID(person))
        }
        guard wasPaired else { throw CommandFailure(.failed, "\(person) had not been let in on \(channel)") }
        Console.write("\(person) may not write on \(channel) any more.".escapingControls)
    }
}
