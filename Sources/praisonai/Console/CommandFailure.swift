import PraisonConfig
import PraisonCore

/// Why a command could not do its work: what the person reads, and what a script gets.
struct CommandFailure: Error, Equatable {
    /// Exit codes, where the reference and sysexits.h agree.
    enum Status: Int32 {
        case done = 0
        case failed = 1
        case usage = 2
        /// EX_TEMPFAIL: nothing is wrong that the same command could not do later.
        case tryAgain = 75
        /// EX_CONFIG: trying again is in vain until a file or a variable has been mended.
        case configuration = 78
    }

    var status: Status
    var message: String
    /// What in a configuration is the reason, each for itself.
    var problems: [ConfigurationProblem]

    init(_ status: Status, _ message: String, problems: [ConfigurationProblem] = []) {
        self.status = status
        self.message = message
        self.problems = problems
    }
}

extension CommandFailure {
    /// Writes what a script asked for in JSON and gets this in place of, and leaves.
    ///
    /// - Throws: this failure, where it is none of the configuration's.
    func tellAsJSON(of source: ConfigurationSource) throws(CommandFailure) -> Never {
        guard !problems.isEmpty else { throw self }
        Console.write(CheckReport(file: source.name, problems: problems).json.text())
        Console.exit(status)
    }
}
