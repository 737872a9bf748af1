import PraisonAgents
import PraisonCore
import PraisonGateway

/// What a person sees first: where the gateway listens, what it keeps, which channels are on or why not, who answers, and
/// who may speak.
struct Banner {
    private let configuration: GatewayConfiguration
    private let agents: [ConfiguredAgent]
    private let store: StoreLocation
    private let file: String?
    private let ignoredKeyCount: Int

    /// - Parameters:
    ///   - file: what was read; `nil` where there was nothing to read.
    ///   - ignoredKeyCount: keys of the file that are not acted upon.
    init(
        _ configuration: GatewayConfiguration, agents: [ConfiguredAgent], store: StoreLocation, file: String?,
        ignoredKeyCount: Int = 0
    ) {
        self.ignoredKeyCount = ignoredKeyCount
        self.configuration = configuration
        self.agents = agents
        self.store = store
        self.file = file
    }

    /// - Parameter width: columns of the terminal.
    func text(address: String, width: Int = 80, _ paint: Paint = Paint(isOn: false)) -> String {
        let sections: [(title: String, entries: [Entry])] = [
            ("Chat", [Entry("\(local(address))/  or  praisonai chat", isWhole: true)]),
            ("Clients", [Entry("ws\(local(address).dropFirst(4))/ws, \(clientAccess)", isWhole: true)]),
            ("Config", [Entry(file ?? "no gateway.yaml found, so one demonstration agent answers", isWhole: true)]),
            ("Store", [Entry(store.description, isWhole: true)]),
            ("Agents", agentEntries.isEmpty ? [Entry("none")] : agentEntries),
            (
                "Channels",
                configuration.channels.isEmpty
                    ? [Entry("none; add one under channels: to reach people elsewhere")] : channelEntries
            ),
            ("Note", ignoredKeys),
        ]
        let head = "\(paint.bold("praisonai \(Praisonai.version)")) is listening on \(address)"
        let lines = sections.flatMap { section in
            section.entries.enumerated().flatMap { index, entry in
                entry.lines(titled: index == 0 ? section.title : "", width, paint)
            }
        }
        return ([head, ""] + lines + ["", "Press Ctrl+C to stop"]).joined(separator: "\n")
    }

    /// Some words, of which a part may be coloured; wrapped below themselves.
    private struct Entry {
        private static let margin = 12

        private let words: String
        /// The part, by its first character and the one after it.
        private let part: Range<Int>
        private let isGood: Bool
        private let isNested: Bool
        /// Addresses and paths stay in one piece, however narrow the terminal.
        private let isWhole: Bool

        init(
            _ head: String, _ coloured: String = "", _ tail: String = "",
            isGood: Bool = false, isNested: Bool = false, isWhole: Bool = false
        ) {
            let head = head.escapingControls
            words = head + coloured + tail.escapingControls
            part = head.count..<(head.count + coloured.count)
            self.isGood = isGood
            self.isNested = isNested
            self.isWhole = isWhole
        }

        func lines(titled title: String, _ width: Int, _ paint: Paint) -> [String] {
            let label = "  " + title + String(repeating: " ", count: Self.margin - 2 - title.count)
            let rest = String(repeating: " ", count: Self.margin + 2)
            let wrapped = isWhole ? [words] : TextTable.wrap(words[...], max(width - rest.count, 20))
            return wrapped.enumerated().map { index, line in
                let lead = index == 0 ? label + (isNested ? "  " : "") : rest
                if part.count == words.count { return lead + paint.yellow(line) }
                return lead + (index == 0 ? painted(line, paint) : line)
            }
        }

        private func painted(_ line: String, _ paint: Paint) -> String {
            guard !part.isEmpty, part.upperBound <= line.count else { return line }
            let tail = line.dropFirst(part.lowerBound)
            let coloured = String(tail.prefix(part.count))
            return line.prefix(part.lowerBound) + (isGood ? paint.green(coloured) : paint.yellow(coloured))
                + tail.dropFirst(part.count)
        }
    }

    private var ignoredKeys: [Entry] {
        guard ignoredKeyCount > 0 else { return [] }
        let words = ignoredKeyCount == 1 ? "1 of the file's keys has" : "\(ignoredKeyCount) of the file's keys have"
        return [Entry("\(words) no effect; praisonai gateway check tells which")]
    }

    /// The address for a browser on this machine: one that listens everywhere has no address of its own.
    private func local(_ address: String) -> String {
        address.replacing("//0.0.0.0:", with: "//127.0.0.1:").replacing("//[::]:", with: "//127.0.0.1:")
    }

    private var clientAccess: String {
        let server = configuration.server
        if server.authToken?.isEmpty == false || !server.scopedTokens.isEmpty { return "with the auth_token" }
        return "from this machine only, without a token"
    }

    private var agentEntries: [Entry] {
        // Said once, where it is the same for all of them.
        let isDemonstration = agents.count > 1 && agents.allSatisfy(\.isDemonstration)
        let entries = agents.map { agent in
            let words = "\(agent.description.name): \(agent.description.model)"
            guard !isDemonstration, let note = agent.note else { return Entry(words) }
            if agent.isReady { return Entry("\(words) (\(note))") }
            return Entry("\(words), ", "not ready", ": \(note)")
        }
        let elsewhere = configuration.agents.filter(\.isRemote).map {
            Entry("\($0.name): runs elsewhere and answers once it has registered here")
        }
        return entries + (isDemonstration ? [Entry("", DemonstrationNote.text)] : []) + elsewhere
    }

    private var channelEntries: [Entry] {
        ChannelOverview.all(in: configuration).flatMap { channel -> [Entry] in
            if let reason = channel.offReason { return [Entry("\(channel.name) is ", "off", ": \(reason)")] }
            return [
                Entry("\(channel.name) is ", "on", ": \(channel.routing)", isGood: true),
                Entry("who may write: \(channel.access)", isNested: true),
            ] + channel.warnings.map { Entry("", "note", ": \($0)", isNested: true) }
        }
    }
}
