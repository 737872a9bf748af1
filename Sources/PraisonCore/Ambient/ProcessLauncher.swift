/// Starts programs of this machine: without a shell, with an environment of their own, each in a process group that is
/// killed as a whole when its time is over.
public protocol ProcessLauncher: Sendable {
    /// Starts the program and lends it to `body`. When that ends, the program's input is closed and, if it has not ended
    /// soon after, it and everything it started is killed.
    ///
    /// - Throws: ``ProcessError``, or what `body` throws.
    func withProcess<Value: Sendable>(
        _ program: ProgramStart, _ body: @Sendable (any RunningProcess) async throws -> Value
    ) async throws -> Value
}

/// What is to be started, and what it may take.
public struct ProgramStart: Hashable, Sendable {
    /// The program, by its path or as `PATH` finds it, and its arguments.
    public var command: [String]
    /// All it gets; nothing of the gateway's own is passed on.
    public var environment: [String: String]
    public var limits: Limits

    /// What the kernel holds the program to (`setrlimit`); `nil` for no limit.
    public struct Limits: Hashable, Sendable {
        public var cpuSeconds: Int?
        /// Of address space.
        public var memoryBytes: Int?
        public var fileBytes: Int?
        public var openFiles: Int?

        public init(cpuSeconds: Int? = nil, memoryBytes: Int? = nil, fileBytes: Int? = nil, openFiles: Int? = nil) {
            self.cpuSeconds = cpuSeconds
            self.memoryBytes = memoryBytes
            self.fileBytes = fileBytes
            self.openFiles = openFiles
        }
    }

    public init(command: [String], environment: [String: String] = [:], limits: Limits = Limits()) {
        self.command = command
        self.environment = environment
        self.limits = limits
    }
}

/// A program while it runs.
public protocol RunningProcess: Sendable {
    /// What it writes to standard output, in pieces; `nil` at the end. To be read from one task.
    var output: HTTPBodyStream { get }
    /// The same of standard error.
    var errors: HTTPBodyStream { get }
    /// Writes to its standard input; waits while it does not read.
    func write(_ bytes: [UInt8]) async throws
    func closeInput() async
    /// Waits for its end: the exit status, or 128 and the signal that ended it.
    func exit() async -> Int32
}

/// Why a program can't be started or spoken to.
public struct ProcessError: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String
    public init(_ description: String) { self.description = description }
}
