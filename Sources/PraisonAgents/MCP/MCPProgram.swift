import Logging
import PraisonCore

/// A server that is a program of this machine: one JSON text per line, there and back. What it writes to standard error
/// goes into the log.
struct MCPProgram: MCPTransport {
    /// Bytes of one message.
    private static let maximumLine = 16 << 20

    let name: String
    let command: [String]
    let environment: [String: String]
    let launcher: any ProcessLauncher
    let logger: Logger

    func withLink(
        receive: @escaping @Sendable (JSONDocument, any MCPLink) async -> Void,
        _ body: @escaping @Sendable (any MCPLink) async throws -> Void
    ) async throws {
        let start = ProgramStart(command: command, environment: environment)
        try await launcher.withProcess(start) { process in
            let link = Link(process: process)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    var lines = LineSplitter(limit: Self.maximumLine)
                    for try await piece in process.output {
                        for line in try lines.take(piece) {
                            // A program that prints something else there disturbs nobody but itself.
                            if let message = try? JSONDocument(parsing: line) { await receive(message, link) }
                        }
                    }
                    return true
                }
                group.addTask {
                    try await body(link)
                    return true
                }
                group.addTask {
                    await log(process.errors)
                    return false
                }
                defer { group.cancelAll() }
                while let isEnd = try await group.next(), !isEnd {}
            }
        }
    }

    private func log(_ errors: HTTPBodyStream) async {
        var lines = LineSplitter(limit: 64 << 10)
        var iterator = errors.makeAsyncIterator()
        while let piece = try? await iterator.next() {
            for line in (try? lines.take(piece)) ?? [] {
                logger.debug(
                    "MCP server says",
                    metadata: [
                        "server": "\(name)",
                        "line": "\(LogText.line(String(decoding: line, as: UTF8.self), key: nil, limit: 500))",
                    ])
            }
        }
    }

    private struct Link: MCPLink {
        let process: any RunningProcess

        func send(_ message: JSONValue, id: Int?) async throws {
            do {
                try await process.write(message.bytes() + [0x0A])
            } catch {
                throw MCPError("\(error)", endsConnection: true)
            }
        }

        func accepted(version: String) async {}
    }
}

/// Cuts bytes into lines at LF, and at nothing else: U+2028 may stand inside JSON.
struct LineSplitter {
    private let limit: Int
    private var rest: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    /// - Returns: the lines that are complete, empty ones left out.
    mutating func take(_ bytes: [UInt8]) throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for part in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            if part.offset > 0 {
                if rest.last == 0x0D { rest.removeLast() }
                if !rest.isEmpty { lines.append(rest) }
                rest = []
            }
            rest += part.element
            guard rest.count <= limit else {
                throw MCPError("a line has more than \(limit) bytes", endsConnection: true)
            }
        }
        return lines
    }
}
