import CProcess
import Glibc
import NIOCore
import NIOPosix
public import PraisonCore

/// Programs of this machine, as children of this process.
public struct SpawnedProcesses: ProcessLauncher {
    /// How long a program may take to end once its input is closed, and once more after SIGTERM.
    static let grace: Duration = .seconds(2)

    private let searchPath: [String]

    /// - Parameter searchPath: the folders in which programs are found, as in `PATH`.
    public init(searchPath: String) {
        self.searchPath = searchPath.split(separator: ":").map(String.init)
    }

    public func withProcess<Value: Sendable>(
        _ program: ProgramStart, _ body: @Sendable (any RunningProcess) async throws -> Value
    ) async throws -> Value {
        let process = try await start(program)
        do {
            let value = try await body(process)
            await process.end()
            return value
        } catch {
            await process.end()
            throw error
        }
    }

    private func start(_ program: ProgramStart) async throws -> SpawnedProcess {
        guard let name = program.command.first, !name.isEmpty else {
            throw ProcessError("there is no program to start")
        }
        guard let path = path(of: name) else { throw ProcessError("there is no program \(name)") }
        let pipes = try Pipes()
        var pid: pid_t = 0
        let failure = spawn(path, program, pipes, &pid)
        pipes.closeChildEnds()
        guard failure == 0 else {
            pipes.closeOurEnds()
            // The child that could not become the program has to be buried all the same.
            if pid > 0 { waitpid(pid, nil, 0) }
            throw ProcessError("\(name) can't be started: \(systemMessage(failure))")
        }
        return try await SpawnedProcess(pid: pid, pipes)
    }

    /// Where the program of that name is, or of that path; `nil` where there is none that may be run.
    public func path(of name: String) -> String? {
        let candidates = name.contains("/") ? [name] : searchPath.map { "\($0)/\(name)" }
        return candidates.first { access($0, X_OK) == 0 }
    }

    private func spawn(_ path: String, _ program: ProgramStart, _ pipes: Pipes, _ pid: inout pid_t) -> Int32 {
        var limits = praison_limits(
            cpu_seconds: program.limits.cpuSeconds ?? -1, memory_bytes: program.limits.memoryBytes ?? -1,
            file_bytes: program.limits.fileBytes ?? -1, open_files: program.limits.openFiles ?? -1)
        let environment = program.environment.map { "\($0.key)=\($0.value)" }.sorted()
        return withCStrings(program.command) { arguments in
            withCStrings(environment) { variables in
                praison_spawn(
                    &pid, path, arguments, variables, pipes.input.reading, pipes.output.writing, pipes.errors.writing,
                    &limits)
            }
        }
    }
}

/// Lends `strings` as C wants them: pointers with a null at the end.
private func withCStrings<Value>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeBufferPointer { buffer in
        // There is at least the null.
        buffer.baseAddress.map(body)!
    }
}

/// The three pipes between us and a program. All ends are closed by `exec`.
struct Pipes {
    struct Pipe {
        var reading: Int32
        var writing: Int32
    }

    let input: Pipe
    let output: Pipe
    let errors: Pipe

    init() throws(ProcessError) {
        var made: [Pipe] = []
        for _ in 0..<3 {
            var ends: [Int32] = [0, 0]
            guard praison_pipe(&ends) == 0 else {
                let message = systemMessage(errno)
                for pipe in made {
                    close(pipe.reading)
                    close(pipe.writing)
                }
                throw ProcessError("no pipe: \(message)")
            }
            made.append(Pipe(reading: ends[0], writing: ends[1]))
        }
        (input, output, errors) = (made[0], made[1], made[2])
    }

    func closeChildEnds() { for end in [input.reading, output.writing, errors.writing] { close(end) } }
    func closeOurEnds() { for end in [input.writing, output.reading, errors.reading] { close(end) } }
}
