import Foundation
import PraisonCore
import PraisonNet
import Testing

@Suite(.timeLimit(.minutes(2))) struct `a program of this machine` {
    private let launcher = SpawnedProcesses(searchPath: "/usr/bin:/bin")

    private func run(_ command: [String], input: String = "", environment: [String: String] = [:]) async throws -> (
        output: String, errors: String, status: Int32
    ) {
        try await launcher.withProcess(ProgramStart(command: command, environment: environment)) { process in
            async let errors = Self.text(process.errors)
            if !input.isEmpty { try await process.write(Array(input.utf8)) }
            await process.closeInput()
            let output = try await Self.text(process.output)
            return (output, try await errors, await process.exit())
        }
    }

    private static func text(_ stream: HTTPBodyStream) async throws -> String {
        var bytes: [UInt8] = []
        for try await piece in stream { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `is given its input and gives its output and its end`() async throws {
        let result = try await run(["sh", "-c", "cat; echo oops >&2; exit 3"], input: "hello")
        #expect(result.output == "hello")
        #expect(result.errors == "oops\n")
        #expect(result.status == 3)
    }

    @Test func `knows nothing of the gateway's environment and files`() async throws {
        #expect(try await run(["env"], environment: ["ONE": "1"]).output == "ONE=1\n")
        // 0, 1 and 2, and the one `ls` has open itself.
        #expect(try await run(["ls", "/proc/self/fd"]).output.split(separator: "\n").count == 4)
    }

    @Test func `takes its arguments as they are`() async throws {
        let hostile = "$(touch /tmp/x); `id` && rm -rf * | \"'"
        #expect(try await run(["printf", "%s", hostile]).output == hostile)
    }

    @Test func `that is not there, or is none, is said to be so`() async throws {
        for (name, words) in [
            ("no-such-program", "there is no program"), ("/etc/passwd", "/etc/passwd"), ("", "no program"),
        ] {
            let error = await #expect(throws: ProcessError.self) { try await run([name]) }
            #expect(error?.description.contains(words) == true)
        }
    }

    @Test func `is killed with all it has started when nobody waits for it any more`() async throws {
        let pids = try await launcher.withProcess(
            ProgramStart(command: ["sh", "-c", "trap '' TERM; sleep 1000 & echo $! $$; wait"])
        ) { process in
            var line = ""
            for try await piece in process.output {
                line += String(decoding: piece, as: UTF8.self)
                if line.hasSuffix("\n") { break }
            }
            return line.split { " \n".contains($0) }.compactMap { Int32($0) }
        }
        #expect(pids.count == 2)
        for pid in pids { #expect(await Self.isGone(pid)) }
    }

    /// Whoever has been killed is there until its parent or init has buried it.
    private static func isGone(_ pid: Int32) async -> Bool {
        for _ in 0..<200 {
            let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
            guard let status, !status.contains(") Z ") else { return true }
            try? await SystemClock().sleep(for: .milliseconds(20))
        }
        return false
    }

    @Test func `ends when the task that waits for it is cancelled`() async throws {
        let work = Task { try await run(["sleep", "1000"]) }
        try await SystemClock().sleep(for: .milliseconds(50))
        work.cancel()
        let result = await work.result
        if case .success(let value) = result { #expect(value.status != 0) }
    }

    @Test func `is held to its limits`() async throws {
        let limits = ProgramStart.Limits(memoryBytes: 64 << 20, fileBytes: 1000, openFiles: 20)
        let start = ProgramStart(command: ["sh", "-c", "ulimit -v; ulimit -n; ulimit -c"], limits: limits)
        let text = try await launcher.withProcess(start) { try await Self.text($0.output) }
        #expect(text == "65536\n20\n0\n")
        let looping = ProgramStart(command: ["sh", "-c", "while :; do :; done"], limits: .init(cpuSeconds: 1))
        let status = try await launcher.withProcess(looping) { await $0.exit() }
        #expect(status == 128 + 24 || status == 128 + 9)
    }

    @Test func `may write more than anybody reads`() async throws {
        let first = try await launcher.withProcess(ProgramStart(command: ["yes"])) { process in
            var iterator = process.output.makeAsyncIterator()
            return try await iterator.next()
        }
        #expect(first?.starts(with: Array("y\ny\n".utf8)) == true)
    }
}
