import AdapterCatalog
import ArgumentParser
import PraisonCore

/// `praisonai replay`: what a gateway would make of recorded payloads.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Play recorded payloads through the gateway and print what it would do.",
        usage: "praisonai replay FILE… [OPTIONS]",
        discussion: """
            Examples:
              praisonai replay Fixtures/telegram/inbound/dm_text.json
              praisonai replay --json --config gateway.yaml recorded.jsonl | jq .note
              cat update.json | praisonai replay --platform telegram -

            A file holds one payload, a JSON array of them, or one a line. A folder stands
            for the .json and .jsonl files in it; NAME.event.json files, which say what
            NAME.json means, are left out.

            Everything from the journal to the last call to the platform is real, but
            nothing leaves the process: the platform is simulated, each agent answers
            "NAME heard: …", time stands still and chance is foretold. The same payloads
            give the same bytes. What is only shown (typing, growing drafts) is left out.

            Exit codes: 0 done, 1 when a payload could not be read (its note says why), 2
            when a file is not there or nobody can tell whose payloads these are, 78 mend
            the configuration.
            """)

    @Argument(help: ArgumentHelp("Files or folders of payloads; - for standard input.", valueName: "file"))
    var files: [String]

    @Option(help: "The platform; told from the files' folders and contents otherwise.")
    var platform: String?

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "The channel whose rules hold; the first of the platform otherwise.")
    var channel: String?

    @Option(help: "The bot's account in the payloads.")
    var botID = "123456"

    @Option(help: "The bot's name in the payloads.")
    var botUsername = "sim_bot"

    @Flag(help: "One JSON object a line for each payload.")
    var json = false

    func run() async throws {
        let input = try ReplayInput(files)
        guard !input.payloads.isEmpty else { throw CommandFailure(.usage, "there is no payload in these files") }
        let entry = try entry(for: input)
        let (configuration, _) = try options.source.loadWithoutProblems()
        let stage = try ReplayStage(
            configuration, channel: ReplayChannel.settings(in: configuration, named: channel, of: entry), entry: entry,
            botID: SenderID(botID), botUsername: botUsername)
        let paint = Paint(.output)
        let unread = try await stage.play(input.payloads) { [json] played in
            Console.write(json ? played.json.text() : played.text(paint))
        }
        if unread > 0 {
            throw CommandFailure(.failed, "\(unread) of \(input.payloads.count) payloads could not be read")
        }
    }

    private func entry(for input: ReplayInput) throws(CommandFailure) -> CatalogEntry {
        let spoken = AdapterCatalog.platforms.map(\.platform.rawValue).joined(separator: ", ")
        if let platform {
            guard let entry = AdapterCatalog.entry(for: Platform(platform)) else {
                throw CommandFailure(.usage, "this build does not speak \(platform); it speaks \(spoken)")
            }
            return entry
        }
        guard let entry = PlatformGuess(input.payloads).entry else {
            throw CommandFailure(.usage, "cannot tell whose payloads these are; say --platform, one of \(spoken)")
        }
        return entry
    }
}
