import Foundation

/// A server in a process of its own, so that its memory and time are its own too.
struct ServerProcess: Sendable {
    let port: Int
    private let identifier: Int32

    /// - Parameters:
    ///   - arguments: what makes it serve, and print an address that ends with its port.
    ///   - name: a program beside this one; `nil` for this one.
    init(_ arguments: [String], of name: String? = nil) throws {
        let process = Process()
        let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.executableURL = name.map { own.deletingLastPathComponent().appending(path: $0) } ?? own
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        port = line.split(separator: ":").last.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 0
        identifier = process.processIdentifier
    }

    // Not `terminate`: SIGTERM may be blocked on the thread the child inherits its signals from.
    func end() { kill(identifier, SIGKILL) }

    /// In MB.
    var residentMemory: Double {
        let pages = try? String(contentsOfFile: "/proc/\(identifier)/statm", encoding: .utf8).split(separator: " ")[1]
        return (pages.flatMap { Double($0) } ?? 0) * Double(sysconf(Int32(_SC_PAGESIZE))) / 1e6
    }

    /// User and system, all threads.
    var cpuSeconds: Double {
        let line = (try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)) ?? ""
        // The fields behind the name, which is in parentheses and may have spaces; proc(5) counts from 1.
        let fields = line.drop { $0 != ")" }.split(separator: " ").dropFirst().compactMap { Double($0) }
        guard fields.count > 12 else { return 0 }
        return (fields[10] + fields[11]) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
