import ArgumentParser

/// The command `praisonai`.
@main
struct Praisonai: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "praisonai",
        abstract: "Connects chat platforms to agents: one process, one gateway.yaml.",
        discussion: """
            Examples:
              praisonai gateway start        the gateway, with ./gateway.yaml
              praisonai chat                 talk to it from this terminal
              praisonai gateway check        what is wrong with gateway.yaml
              praisonai simulate telegram    a platform to try it on, without account

            Exit codes: 0 done, 1 not done, 2 usage, 75 try again later, 78 mend the
            configuration.
            """,
        version: version,
        subcommands: [
            GatewayCommand.self, ChatCommand.self, SimulateCommand.self, ReplayCommand.self, PairingCommand.self,
        ])

    static func main() async {
        Console.prepare()
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            Console.complain(failure.message)
            Console.exit(failure.status)
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            Console.write(fullMessage(for: error), to: .error)
            Console.exit(.usage)
        }
    }
}
