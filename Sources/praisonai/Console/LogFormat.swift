import ArgumentParser
import Logging

/// `--log-format`.
enum LogFormat: String, CaseIterable, ExpressibleByArgument {
    /// One line for people.
    case text
    /// One JSON object on a line, for machines.
    case json
}

/// `--log-level`, the least that is logged.
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
    case trace, debug, info, notice, warning, error, critical

    /// Also takes what other programs call them.
    init?(argument: String) {
        switch argument.lowercased() {
        case "warn": self = .warning
        case "fatal": self = .critical
        case let word: self.init(rawValue: word)
        }
    }

    var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
}
