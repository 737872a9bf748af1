import Foundation
import PraisonCore

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

    /// How long anything here may take, also on a machine that is busy with other things.
    static let patience: Duration = .seconds(60)

    let output = Transcript()
    let errors = Transcript()
    private let exit = Transcript()
    private let process = Process()
    private let input = Pipe()

    /// - Parameters:
    ///   - workspace: the folder it starts in, which is also its home.
    ///   - environment: its variables; nothing is inherited but the search path.
    init(_ arguments: [String], in workspace: Workspace, environment: [String: String] = [:]) throws {
        process.executableURL = Self.executable
        process.arguments = arguments
        process.currentDirectoryURL = workspace.url
        process.environment = [
            "HOME": workspace.url.path(), "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "",
            "SWIFT_BACKTRACE": "enable=no",
        ].merging(environment) { _, own in own }
        process.standardInput = input
        process.standardOutput = Self.pipe(into: output)
        process.standardError = Self.pipe(into: errors)
        process.terminationHandler = { [exit] _ in exit.finish() }
        try process.run()
    }

    /// It is built into the folder that the tests are in.
    private static var executable: URL {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: tests).deletingLastPathComponent().appending(path: "praisonai")
    }

    private static func pipe(into transcript: Transcript) -> Pipe {
        let pipe = Pipe()
        pipe.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                transcript.finish()
            } else {
                transcript.append(data)
            }
        }
        return pipe
    }

    var identifier: Int32 { process.processIdentifier }

    func write(_ text: String) throws { try input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

    func endInput() throws { try input.fileHandleForWriting.close() }

    func send(_ signal: Int32) { if process.isRunning { kill(process.processIdentifier, signal) } }

    /// Waits for its end.
    func finished(within limit: Duration = patience) async throws -> Finished {
        try await withTimeout(limit, clock: SystemClock()) { [self] in
            let output = await output.waitForEnd()
            let errors = await errors.waitForEnd()
            _ = await exit.waitForEnd()
            try Task.checkCancellation()
            let code = process.terminationStatus
            return Finished(
                status: process.terminationReason == .uncaughtSignal ? -code : code, output: output, errors: errors)
        }
    }

    /// Runs a command to its end.
    static func run(
        _ arguments: String..., in workspace: Workspace, environment: [String: String] = [:], input: String = ""
    ) async throws -> Finished {
        let process = try CommandProcess(arguments, in: workspace, environment: environment)
        if !input.isEmpty { try process.write(input) }
        try process.endInput()
        return try await process.lending { try await $0.finished() }
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
        send(SIGKILL)
        _ = try await finished()
    }
}
