import PraisonConfig
import PraisonCore

extension CheckReport {
    /// Problems and notices one a line, each beginning with its place, so that editors find it; then what became of the
    /// agents and channels, and the sum of it.
    ///
    /// - Parameter width: columns of the terminal, for the tables.
    func text(width: Int) -> String {
        let lines = [problems, notices].filter { !$0.isEmpty }
            .map { $0.map { $0.description.escapingControls }.joined(separator: "\n") }
        let tables = [agentTable, channelTable].compactMap { $0?.text(width: width) }
        let demonstration =
            isDemonstration ? [TextTable.wrap(DemonstrationNote.text[...], width).joined(separator: "\n")] : []
        return (lines + tables.prefix(1) + demonstration + tables.dropFirst() + [summary.escapingControls])
            .joined(separator: "\n\n")
    }

    /// Whether the same is to be said of every agent.
    private var isDemonstration: Bool {
        agents.count > 1 && agents.allSatisfy(\.isDemonstration)
    }

    private var agentTable: TextTable? {
        guard !agents.isEmpty else { return nil }
        var table = TextTable("AGENT", "MODEL", "")
        for agent in agents {
            let note = isDemonstration ? "" : agent.note.map { agent.isReady ? $0 : "not ready: \($0)" } ?? ""
            table.add(agent.name.rawValue.escapingControls, agent.model.escapingControls, note.escapingControls)
        }
        return table
    }

    private var channelTable: TextTable? {
        guard !channels.isEmpty else { return nil }
        var table = TextTable("CHANNEL", "PLATFORM", "")
        for channel in channels {
            table.add(
                channel.name.rawValue.escapingControls, channel.platform.rawValue.escapingControls,
                (channel.offReason.map { "off: \($0)" } ?? "on").escapingControls)
        }
        return table
    }
}
