import Foundation
import PraisonCore
import Synchronization

/// The built command `praisonai`, as a process of its own.
final class CommandProcess: Sendable {
    /// A process that ended, and everything it said.
    struct Finished: Sendable {
        /// The exit code; minus the signal's number when a signal ended it.
        var status: Int32
        var output: String
        var errors: String

        /// Both streams, for what must be in neither.
        var everything: String { output + errors }
    }

    struct CannotStart: Error {
        var reason: String
    }

    /// How long anything here may take, also on a machine that is busy with other things.
    static let patience: Duration = .seconds(60)

    let identifier: pid_t
    /// Whether somebody else kills it before long.
    private let isDoomed: Bool
    let output: Transcript
    let errors: Transcript
    /// `nil` once it is closed.
    private let input: Mutex<Int32?>
    private let exit = Transcript()
    /// What waitpid told; `nil` while it runs.
    private let status: Mutex<Int32?>

    /// - Parameters:
    ///   - executable: what runs; the built command unless another is named.
    ///   - workspace: the folder it starts in, which is also its home.
    ///   - environment: its variables; nothing is inherited but the search path, and what sanitizers are told.
    ///   - doom: when it is killed, as by `kill -9`, wherever it is then.
    init(
        _ arguments: [String], executable: String = CommandProcess.praisonai, in workspace: Workspace,
        environment: [String: String] = [:], killedAfter doom: Duration? = nil
    ) throws {
        let inherited = ProcessInfo.processInfo.environment.filter {
            ["PATH", "TSAN_OPTIONS", "ASAN_OPTIONS"].contains($0.key)
        }
        let variables = ["HOME": workspace.url.path(), "SWIFT_BACKTRACE": "enable=no"]
            .merging(inherited) { _, inherited in inherited }.merging(environment) { _, own in own }
        let (input, output, errors) = (try Stream(), try Stream(), try Stream())
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.reading, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output.writing, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors.writing, STDERR_FILENO)
        // The shell gives way to the command, which keeps its number.
        // Zero would be never; in the foreground it waits until the command is gone.
        let killer = doom.map { ["timeout", "--foreground", "-s", "KILL", "\(max($0.inSeconds, 0.001))"] } ?? []
        isDoomed = doom != nil
        let shell = ["sh", "-c", "cd \"$0\" && exec \"$@\"", workspace.url.path()] + killer + [executable]
        var identifier = pid_t()
        let code = Self.withCStrings(shell + arguments) { words in
            Self.withCStrings(variables.map { "\($0)=\($1)" }) { variables in
                posix_spawn(&identifier, "/bin/sh", &actions, nil, words, variables)
            }
        }
        for end in [input.reading, output.writing, errors.writing] { close(end) }
        guard code == 0 else { throw CannotStart(reason: String(cString: strerror(code))) }
        self.identifier = identifier
        self.input = Mutex(input.writing)
        self.output = output.transcript()
        self.errors = errors.transcript()
        status = Mutex(nil)
        // A thread of its own waits for it, because the tests' pool has two that must not be blocked.
        Thread.detachNewThread { [self] in
            var code: Int32 = 0
            while waitpid(self.identifier, &code, 0) < 0, errno == EINTR {}
            status.withLock { $0 = code & 0x7F == 0 ? code >> 8 & 0xFF : -(code & 0x7F) }
            exit.finish()
        }
    }

    /// It is built into the folder that the tests are in.
    static var praisonai: String {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: tests).deletingLastPathComponent().appending(path: "praisonai").path()
    }

    private static func withCStrings<Value>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
    ) -> Value {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }

    func write(_ text: String) throws {
        guard let input = input.withLock({ $0 }) else { throw CannotStart(reason: "its input is closed") }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(input, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw CannotStart(reason: "it does not read what it is told") }
            rest = rest.dropFirst(count)
        }
    }

    func endInput() {
        input.withLock { input in
            if let open = input { close(open) }
            input = nil
        }
    }

    func send(_ signal: Int32) {
        status.withLock { if $0 == nil { _ = kill(identifier, signal) } }
    }

    /// Waits for its end.
    func finished(within limit: Duration = patience) async throws -> Finished {
        try await withTimeout(limit, clock: SystemClock()) { [self] in
            let output = await output.waitForEnd()
            let errors = await errors.waitForEnd()
            _ = await exit.waitForEnd()
            try Task.checkCancellation()
            return Finished(status: status.withLock { $0 } ?? -1, output: output, errors: errors)
        }
    }

    /// Runs a command to its end.
    static func run(
        _ arguments: String..., in workspace: Workspace, environment: [String: String] = [:], input: String = ""
    ) async throws -> Finished {
        let process = try CommandProcess(arguments, in: workspace, environment: environment)
        return try await process.lending { process in
            try process.write(input)
            process.endInput()
            return try await process.finished()
        }
    }

    /// Lends the process and kills it afterwards if it still runs.
    func lending<Value: Sendable>(_ body: (CommandProcess) async throws -> Value) async throws -> Value {
        do {
            let value = try await body(self)
            try await end()
            return value
        } catch {
            try? await end()
            throw error
        }
    }

    private func end() async throws {
        // Whoever is to kill it must live until then.
        if !isDoomed { send(SIGKILL) }
        endInput()
        _ = try await finished()
    }
}

/// Two ends of a stream that no other process inherits unless it is given one. A pipe would do, but it cannot be made
/// so in one step, and another test may start a process in between.
private struct Stream {
    let reading: Int32
    let writing: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw CommandProcess.CannotStart(reason: String(cString: strerror(errno)))
        }
        (reading, writing) = (ends[0], ends[1])
    }

    /// What comes out of the pipe, as it comes; read by a thread of its own.
    func transcript() -> Transcript {
        let transcript = Transcript()
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 16 << 10)
            while true {
                let count = read(reading, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                transcript.append(buffer[..<count])
            }
            close(reading)
            transcript.finish()
        }
        return transcript
    }
}
