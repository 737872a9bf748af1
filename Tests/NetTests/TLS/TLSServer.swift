import Foundation
import Synchronization

/// OpenSSL's own `s_server`: a TLS server we did not write, that answers every GET with a page about the connection.
struct TLSServer {
    struct NotStarted: Error {
        let output: String
    }

    let port: Int

    /// Serves `https://localhost:PORT/` with the certificate `name` while `body` runs.
    static func run<Value>(
        _ certificates: Certificates, as name: String, options: [String] = [],
        _ body: (TLSServer) async throws -> Value
    ) async throws -> Value {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            [
                "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificates.path("\(name).pem"), "-key",
                certificates.path("\(name).key"), "-www",
            ] + options
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        let port = try await port(announcedIn: output, by: process)
        defer {
            output.fileHandleForReading.readabilityHandler = nil
            // Not `terminate`: a child inherits the signals blocked on the thread it was started from, and SIGTERM is one.
            kill(process.processIdentifier, SIGKILL)
        }
        return try await body(TLSServer(port: port))
    }

    /// The port from the line `ACCEPT 127.0.0.1:PORT`. Whatever follows is read too, so that the server never waits.
    private static func port(announcedIn output: Pipe, by process: Process) async throws -> Int {
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let text = Mutex("")
        output.fileHandleForReading.readabilityHandler = { handle in
            let bytes = handle.availableData
            if bytes.isEmpty { return found.finish() }
            let port = text.withLock { text in
                text += String(decoding: bytes, as: UTF8.self)
                return text.firstMatch(of: #/ACCEPT 127\.0\.0\.1:(\d+)\s/#).flatMap { Int($0.1) }
            }
            if let port { found.yield(port) }
        }
        try process.run()
        for await port in ports { return port }
        throw NotStarted(output: text.withLock { $0 })
    }
}
