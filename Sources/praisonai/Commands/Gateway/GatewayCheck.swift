import ArgumentParser
import PraisonConfig
import PraisonCore

/// `praisonai gateway check`: everything that can be said about the configuration, at its line.
struct GatewayCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what is wrong with gateway.yaml, and which keys are not in effect.",
        discussion: """
            Examples:
              praisonai gateway check
              praisonai gateway check --config other.yaml --json | jq '.problems[].message'

            Exit code 0 when the gateway would start with it, 78 when something must be mended first.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Option(help: ArgumentHelp("A plain agents file to check as well.", valueName: "file"))
    var agents: String?

    @Flag(help: "One JSON object instead of lines.")
    var json = false

    func run() async throws {
        let source = ConfigurationSource(file: options.config, agentsFile: agents)
        let loaded = try source.load()
        Console.write(json ? Self.json(loaded, source.name).text() : Self.text(loaded, source.name))
        if !loaded.problems.isEmpty { Console.exit(.configuration) }
    }

    static func text(_ loaded: LoadedConfiguration, _ file: String?, paint: Paint = Paint(.output)) -> String {
        var lines = loaded.problems.map { paint.red("error") + ": " + "\($0)".escapingControls }
        lines += loaded.notices.map { notice in
            paint.yellow(notice.severity == .off ? "off" : "note") + ": " + "\(notice)".escapingControls
        }
        lines.append(paint.bold(summary(loaded, file)))
        return lines.joined(separator: "\n")
    }

    private static func summary(_ loaded: LoadedConfiguration, _ file: String?) -> String {
        guard let configuration = loaded.configuration else {
            return "\(file ?? "the environment"): \(counted(loaded.problems.count, "problem")) to mend"
        }
        let running = configuration.channels.count { $0.offReason == nil }
        let channels = "\(running) of \(counted(configuration.channels.count, "channel")) on"
        return (file ?? "no gateway.yaml found, so one demonstration agent runs")
            + ": good (\(counted(configuration.agents.count, "agent")), \(channels))"
    }

    private static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    static func json(_ loaded: LoadedConfiguration, _ file: String?) -> JSONValue {
        [
            "file": JSONValue(file), "ok": .bool(loaded.problems.isEmpty),
            "problems": .array(loaded.problems.map(json)), "notices": .array(loaded.notices.map(json)),
        ]
    }

    private static func json(_ problem: ConfigurationProblem) -> JSONValue {
        let isInFile = problem.place != .outside
        return [
            "severity": .string(problem.severity.rawValue), "file": .string(problem.file),
            "line": isInFile ? JSONValue(problem.place.line) : .null,
            "column": isInFile ? JSONValue(problem.place.column) : .null,
            "path": .string(problem.path), "message": .string(problem.message),
            "suggestion": JSONValue(problem.suggestion),
        ]
    }
}
