import ArgumentParser
import PraisonCore
import PraisonStore

/// `praisonai pairing list`: who knocked and waits.
struct PairingList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the people who were given a code and wait.",
        discussion: """
            Examples:
              praisonai pairing list
              praisonai pairing list --json

            Codes are not shown: whoever knows one has it from the person.
            """)

    @OptionGroup var options: StoreOptions

    @Flag(help: "A JSON array instead of a table.")
    var json = false

    func run() async throws {
        let now = SystemClock().now
        let requests = try await PairingCommand.withJournal(options) { try await $0.pendingPairings() }
            .filter { $0.expiresAt > now }
        Console.write(json ? JSONValue.array(requests.map(Self.json)).text() : Self.text(requests, at: now))
    }

    static func text(_ requests: [PairingRequest], at now: Timestamp) -> String {
        guard !requests.isEmpty else { return "Nobody waits." }
        var table = TextTable("CHANNEL", "PERSON", "NAME", "EXPIRES")
        for request in requests {
            let sender = request.sender
            let names = [sender.displayName, sender.username.map { "@\($0)" }].compactMap { $0 }
            table.add(
                request.channel.rawValue.escapingControls, sender.id.rawValue.escapingControls,
                names.joined(separator: " ").escapingControls,
                "in \(max(Int((request.expiresAt - now).inSeconds / 60), 0)) min")
        }
        return table.text(width: Console.columns, paint: Paint(.output))
    }

    private static func json(_ request: PairingRequest) -> JSONValue {
        [
            "channel": .string(request.channel.rawValue), "user_id": .string(request.sender.id.rawValue),
            "name": JSONValue(request.sender.displayName), "username": JSONValue(request.sender.username),
            "requested_at": JSONValue(request.requestedAt.seconds), "expires_at": JSONValue(request.expiresAt.seconds),
        ]
    }
}
