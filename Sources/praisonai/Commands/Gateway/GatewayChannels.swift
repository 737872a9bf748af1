import AdapterCatalog
import ArgumentParser
import PraisonCore

/// `praisonai gateway channels`: what the configuration makes of each channel, without connecting anywhere.
struct GatewayChannels: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "channels",
        abstract: "List the channels of the configuration.",
        usage: "praisonai gateway channels [OPTIONS]",
        discussion: """
            Examples:
              praisonai gateway channels
              praisonai gateway channels --config gateway.yaml --json

            TOKEN tells whether there is one, never what it is. Nothing is contacted;
            `praisonai gateway status` tells how the channels of a running gateway fare.

            Exit code 78 when the configuration has to be mended; with --json what check
            --json tells of it is the output.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "A JSON array instead of a table.")
    var json = false

    @Flag(help: "The platforms this build speaks, instead of the channels of a file.")
    var available = false

    @Flag(help: .hidden)
    var probe = false

    func run() async throws {
        if probe {
            Console.write("--probe contacts nothing here: ask praisonai gateway status how channels fare", to: .error)
        }
        if available {
            let names = AdapterCatalog.platforms.map(\.platform.rawValue)
            Console.write(
                json ? JSONValue.array(names.map(JSONValue.string)).text() : names.joined(separator: "\n"))
            return
        }
        let configuration: GatewayConfiguration
        do { configuration = try options.source.loadWithoutProblems().configuration } catch {
            guard json else { throw error }
            try error.tellAsJSON(of: options.source)
        }
        let overviews = ChannelOverview.all(in: configuration)
        if json {
            Console.write(JSONValue.array(overviews.map(\.json)).text())
        } else {
            Console.write(Self.text(overviews, width: Console.columns, paint: Paint(.output)))
        }
    }

    static func text(_ overviews: [ChannelOverview], width: Int, paint: Paint = Paint(isOn: false)) -> String {
        guard !overviews.isEmpty else {
            return "No channels. The gateway still answers `praisonai chat` and its web page."
        }
        var table = TextTable("NAME", "PLATFORM", "INSTANCE", "TOKEN", "ROUTING", "ACCESS")
        for overview in overviews {
            table.add(
                overview.name.escapingControls, overview.platform.escapingControls,
                overview.instance.escapingControls, overview.token, overview.routing.escapingControls,
                overview.access.escapingControls)
        }
        let off = overviews.compactMap { overview in overview.offReason.map { "off: \(overview.name): \($0)" } }
        let notes = overviews.filter { $0.offReason == nil }.flatMap(\.warnings).map { "note: \($0)" }
        let remarks = (off + notes).map { remark in
            TextTable.wrap(remark.escapingControls[...], width - 2).joined(separator: "\n  ")
        }
        return ([table.text(width: width, paint: paint)] + (remarks.isEmpty ? [] : [""]) + remarks)
            .joined(separator: "\n")
    }
}
