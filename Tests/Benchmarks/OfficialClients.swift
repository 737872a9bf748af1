import Foundation

/// The providers' own Python clients, in a virtual environment that `OfficialClients/run` makes the first time.
enum OfficialClients {
    struct Client {
        /// `openai 3.57.0`.
        var name: String
        var cost: TurnCost
    }

    /// What each client takes for the same streams, by the protocol's name; none, and a line that says so, where there is
    /// no Python.
    static func costs(at url: String, turns: (short: Int, long: Int)) throws -> [String: Client] {
        let process = Process()
        process.executableURL = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "OfficialClients/run")
        process.arguments = [url, "\(turns.short)", "\(turns.long)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            print("agents  without the official clients: Tests/Benchmarks/OfficialClients/run failed")
            return [:]
        }
        // One line for each: protocol, name, version, seconds of a short turn, of a long one.
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let clients = lines.compactMap { words -> (String, Client)? in
            guard words.count == 5, let short = Double(words[3]), let long = Double(words[4]) else { return nil }
            return (words[0], Client(name: "\(words[1]) \(words[2])", cost: TurnCost(short: short, long: long)))
        }
        return Dictionary(clients) { first, _ in first }
    }
}
