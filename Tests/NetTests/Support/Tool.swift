import Foundation

/// A foreign program a test asks for its judgement.
enum Tool {
    struct Result: Sendable {
        let status: Int32
        /// What it printed, both ways.
        let output: String
    }

    struct CannotStart: Error {
        let code: Int32
    }

    /// Runs `arguments` and waits for the end.
    static func run(_ arguments: [String], input: String = "") async throws -> Result {
        let folder = FileManager.default.temporaryDirectory
        let name = UUID().uuidString
        let (inputFile, output) = (folder.appending(path: "\(name).in"), folder.appending(path: "\(name).out"))
        try Data(input.utf8).write(to: inputFile)
        defer {
            try? FileManager.default.removeItem(at: inputFile)
            try? FileManager.default.removeItem(at: output)
        }
        let process = try spawn(arguments, input: inputFile.path, output: output.path)
        // A thread of its own waits for it, because the tests' pool has two that must not be blocked.
        let status = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var status: Int32 = 0
                while waitpid(process, &status, 0) < 0, errno == EINTR {}
                continuation.resume(returning: status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F))
            }
        }
        return Result(status: status, output: String(decoding: try Data(contentsOf: output), as: UTF8.self))
    }

    private static func spawn(_ arguments: [String], input: String, output: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        let words = arguments.map { strdup($0) } + [nil]
        let variables = ProcessInfo.processInfo.environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var process = pid_t()
        let code = posix_spawnp(&process, arguments[0], &actions, nil, words, variables)
        guard code == 0 else { throw CannotStart(code: code) }
        return process
    }
}
