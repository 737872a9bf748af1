import Foundation
import Synchronization

/// A server we did not write, as a process of its own.
enum ForeignServer {
    /// It ended before it was ready.
    struct NotStarted: Error {
        let output: String
    }

    /// Runs it while `body` runs, which begins as soon as it says that it is ready.
    ///
    /// - Parameter ready: finds in what it has printed so far, both ways, that it is, and what is to be known of it.
    static func run<Ready: Sendable, Value>(
        _ arguments: [String], ready: @escaping @Sendable (String) -> Ready?, _ body: (Ready) async throws -> Value
    ) async throws -> Value {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        let (announcements, announce) = AsyncStream.makeStream(of: Ready.self)
        let text = Mutex("")
        // Whatever follows is read too, so that the server never waits.
        output.fileHandleForReading.readabilityHandler = { handle in
            let bytes = handle.availableData
            if bytes.isEmpty { return announce.finish() }
            let found = text.withLock { text in
                text += String(decoding: bytes, as: UTF8.self)
                return ready(text)
            }
            if let found { announce.yield(found) }
        }
        defer { output.fileHandleForReading.readabilityHandler = nil }
        // Its output may stay open in a process of another test that was started at the same moment.
        process.terminationHandler = { _ in announce.finish() }
        try process.run()
        // Not `terminate`: a child inherits the signals blocked on the thread it was started from, and SIGTERM is one.
        defer { kill(process.processIdentifier, SIGKILL) }
        for await announcement in announcements { return try await body(announcement) }
        throw NotStarted(output: text.withLock { $0 })
    }
}
