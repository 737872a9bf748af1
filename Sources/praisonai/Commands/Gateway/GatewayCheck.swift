import ArgumentParser
import PraisonConfig
import PraisonCore

/// `praisonai gateway check`: everything that can be said about the configuration, at its line.
struct GatewayCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what is wrong with gateway.yaml, and which keys are not in effect.",
        usage: "praisonai gateway check [OPTIONS]",
        discussion: """
            Examples:
              praisonai gateway check
              praisonai gateway check --config other.yaml --json
              praisonai gateway check --fix      mends what is surely misspelled

            Nothing is contacted. Without --fix nothing is changed; with it, the old file
            stays beside the new one as gateway.yaml.bak.

            Exit code 0 when all of it can run, 78 when something has to be mended.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Option(help: ArgumentHelp("A plain agents file to check as well.", valueName: "file"))
    var agents: String?

    @Flag(help: "One JSON object instead of lines.")
    var json = false

    @Flag(help: "Replace misspelled words in the file, after making a copy of it.")
    var fix = false

    func run() async throws {
        let source = ConfigurationSource(file: options.config, agentsFile: agents)
        let report: CheckReport
        do {
            if fix { try mend(source) }
            report = try ConfigurationCheck(source).report
        } catch {
            guard json else { throw error }
            try error.tellAsJSON(of: source)
        }
        Console.write(json ? report.json.text() : report.text(width: Console.columns))
        if !report.isGood { Console.exit(.configuration) }
    }

    /// - Note: what was changed goes to standard error, so that `--json` stays one object.
    private func mend(_ source: ConfigurationSource) throws(CommandFailure) {
        guard case .file(let path) = source.place else { return }
        let original = try source.file(path).bytes
        // The agents file is read once here, so that reading it again below cannot fail differently.
        _ = try source.load(original)
        let repair = ConfigurationRepair(of: original) { bytes in
            (try? source.load(bytes)) ?? ConfigurationLoader(platforms: []).load(yaml: bytes, file: path)
        }
        guard !repair.changes.isEmpty else {
            Console.write("\(path): nothing that is surely misspelled", to: .error)
            return
        }
        do {
            let copy = try RepairedFile.save(
                repair.bytes, over: source.folder.resolve(path), original: original)
            for change in repair.changes { Console.write("\(path): \(change)".escapingControls, to: .error) }
            Console.write("the file as it was is in \(copy)", to: .error)
        } catch {
            throw CommandFailure(.failed, "cannot save the mended file: \(error)")
        }
    }
}
