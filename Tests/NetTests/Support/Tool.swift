import Foundation

/// A foreign program a test asks for its judgement.
enum Tool {
    struct Result: Sendable {
        let status: Int32
        /// What it printed, both ways.
        let output: String
    }

    /// Runs `arguments` and waits for the end, without blocking a thread.
    static func run(_ arguments: [String], input: String = "") async throws -> Result {
        let folder = FileManager.default.temporaryDirectory
        let name = UUID().uuidString
        let (inputURL, outputURL) = (folder.appending(path: "\(name).in"), folder.appending(path: "\(name).out"))
        try Data(input.utf8).write(to: inputURL)
        try Data().write(to: outputURL)
        defer {
            try? FileManager.default.removeItem(at: inputURL)
            try? FileManager.default.removeItem(at: outputURL)
        }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: inputURL)
        let output = try FileHandle(forWritingTo: outputURL)
        process.standardOutput = output
        process.standardError = output
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return Result(status: status, output: String(decoding: try Data(contentsOf: outputURL), as: UTF8.self))
    }
}
