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

    init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }
}
