import ArgumentParser
import PraisonCore

/// `praisonai gateway channels`: what the configuration makes of each channel, without connecting anywhere.
struct GatewayChannels: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "channels",
        abstract: "List the channels of the configuration.",
        discussion: """
            Examples:
              praisonai gateway channels
              praisonai gateway channels --config gateway.yaml --json

            TOKEN tells whether there is one, never what it is. Nothing is contacted; `praisonai gateway status` tells
            how the channels of a running gateway fare.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "A JSON array instead of a table.")
    var json = false

    func run() async throws {
        let (configuration, _) = try options.source.loadWithoutProblems()
        let overviews = configuration.channels.map(ChannelOverview.init)
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
                overview.name, overview.platform, overview.instance, overview.token,
                overview.routing.joined(separator: "\n"), overview.access.joined(separator: "\n"))
        }
        let reasons = overviews.compactMap { overview in
            overview.offReason.map { "\(paint.yellow("off")): \(overview.name): \($0)" }
        }
        return ([table.text(width: width, paint: paint)] + (reasons.isEmpty ? [] : [""]) + reasons)
            .joined(separator: "\n")
    }
}
