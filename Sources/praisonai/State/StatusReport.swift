import PraisonCore

/// The answer of `praisonai gateway status`.
struct StatusReport {
    private let answer: GatewayInquiry.Answer
    private let daemon: DaemonState

    init(_ answer: GatewayInquiry.Answer, _ daemon: DaemonState) {
        self.answer = answer
        self.daemon = daemon
    }

    /// - Parameter width: columns of the terminal.
    func text(width: Int = 80, _ paint: Paint = Paint(isOn: false)) -> String {
        switch answer.state {
        case .unreachable(let reason):
            let words = "\(answer.url) does not answer: \(reason)".escapingControls
            return (Self.lines("Gateway   ", words, width, paint.red) + daemon.lines()).joined(separator: "\n")
        case .answered(let health, let info, let isTokenRefused):
            let daemon = daemon.lines(answering: answer.url)
            let refusal =
                isTokenRefused
                ? ["Token     " + paint.yellow("refused, so details are hidden; give the right one with --token")] : []
            return (lines(health, info, width, paint) + refusal + daemon + channels(health, width, paint)).joined(
                separator: "\n")
        }
    }

    private func lines(_ health: JSONValue, _ info: JSONValue?, _ width: Int, _ paint: Paint) -> [String] {
        let state = health["status"]?.string ?? "unknown"
        let painted = state == "healthy" || state == "ok" ? paint.green(state) : paint.yellow(state)
        var lines = ["Gateway   \(answer.url) is \(painted)\(Self.since(health["uptime"]?.double))"]
        let agents = info?["agents"]?.array?.compactMap(\.string).joined(separator: ", ")
        let count = health["agents"]?.int.map(String.init) ?? "unknown"
        lines += Self.lines("Agents    ", (agents ?? count).escapingControls, width) { $0 }
        lines.append(
            "Clients   \(health["clients"]?.int ?? 0) connected, \(counted(health["sessions"]?.int ?? 0, "session"))"
        )
        if let pressure = health["pressure"], let pending = pressure["outbox_pending"]?.int {
            let running = pressure["admission_in_flight"]?.int ?? 0
            let given = pressure["outbox_dead_letter"]?.int ?? 0
            lines.append(
                "Work      \(counted(running, "turn")) running, \(counted(pending, "message")) waiting, "
                    + "\(given) given up")
        }
        return lines
    }

    private static let indentation = "          "

    /// A heading and what is to be said, in as many lines as that takes.
    private static func lines(
        _ heading: String, _ words: String, _ width: Int, after name: String = "", _ colour: (String) -> String
    ) -> [String] {
        let room = max(width - indentation.count, 20)
        return TextTable.wrap((name + words)[...], room).enumerated().map { index, line in
            guard index == 0, line.hasPrefix(name) else { return indentation + colour(line) }
            return heading + name + colour(String(line.dropFirst(name.count)))
        }
    }

    private func channels(_ health: JSONValue, _ width: Int, _ paint: Paint) -> [String] {
        let channels = (health["channels"]?.object ?? [:]).sorted { $0.key < $1.key }
        guard !channels.isEmpty else { return ["Channels  none"] }
        return channels.enumerated().flatMap { index, channel in
            let value = channel.value
            let isGood = value["ok"]?.bool == true || value["running"]?.bool == true
            let state = value["state"]?.string ?? (isGood ? "receiving" : "not running")
            let reason = value["reason"]?.string.map { ": \($0)" } ?? ""
            let words = (state + (reason.hasPrefix(": \(state)") ? "" : reason)).escapingControls
            let name = channel.key.escapingControls
            return Self.lines(
                index == 0 ? "Channels  " : Self.indentation, words, width, after: "\(name): ",
                isGood ? paint.green : paint.yellow)
        }
    }

    private static func since(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "" }
        let total = Int(seconds)
        let parts = [(total / 86_400, "d"), (total / 3600 % 24, "h"), (total / 60 % 60, "min"), (total % 60, "s")]
        let shown = parts.drop { $0.0 == 0 }.prefix(2)
        return ", up " + (shown.isEmpty ? "0 s" : shown.map { "\($0.0) \($0.1)" }.joined(separator: " "))
    }

    var json: JSONValue {
        var members: [String: JSONValue] = ["url": .string(answer.url), "daemon": daemon.json]
        let authority = answer.url.split(separator: "/").last ?? ""
        if let colon = authority.lastIndex(of: ":") {
            members["host"] = .string(String(authority[..<colon]))
            members["port"] = Int(authority[authority.index(after: colon)...]).map { JSONValue($0) }
        }
        switch answer.state {
        case .unreachable(let reason):
            members["reachable"] = false
            members["reason"] = .string(reason)
        case .answered(let health, let info, let isTokenRefused):
            if isTokenRefused { members["token_refused"] = true }
            members["reachable"] = true
            members["health"] = health
            members["info"] = info ?? .null
        }
        return .object(members)
    }
}
