import Foundation
import Synchronization

/// A certificate authority and a few servers' certificates, made by the `openssl` command for one run.
struct TestAuthority: Sendable {
    enum Server: String, CaseIterable {
        /// For `localhost` and 127.0.0.1.
        case good
        /// For another host.
        case wrongHost
        case expired
        /// Vouched for by nobody but itself.
        case selfSigned
    }

    let folder: URL

    /// The authority's certificate.
    var certificate: String { folder.appending(path: "ca.pem").path }
    func certificate(of server: Server) -> String { folder.appending(path: "\(server.rawValue).pem").path }
    func key(of server: Server) -> String { folder.appending(path: "\(server.rawValue).key").path }

    /// Makes an authority in a new folder, and removes it afterwards.
    static func make<Value>(_ body: (TestAuthority) async throws -> Value) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(path: "praison-authority-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let authority = TestAuthority(folder: folder)
        try await authority.issueAll()
        return try await body(authority)
    }

    private func issueAll() async throws {
        let name = "subjectAltName=DNS:localhost,IP:127.0.0.1"
        try await openssl("req -x509 \(newKey("ca")) -out ca.pem -subj /CN=TestAuthority -days 2")
        for server in Server.allCases where server != .selfSigned {
            try await openssl("req \(newKey(server.rawValue)) -out \(server.rawValue).csr -subj /CN=test")
            let names = server == .wrongHost ? "subjectAltName=DNS:example.com" : name
            try names.write(to: folder.appending(path: "\(server.rawValue).ext"), atomically: true, encoding: .utf8)
            try await openssl(
                "x509 -req -in \(server.rawValue).csr -out \(server.rawValue).pem -CA ca.pem -CAkey ca.key -CAcreateserial "
                    + "-extfile \(server.rawValue).ext -days \(server == .expired ? "-1" : "2")")
        }
        try await openssl("req -x509 \(newKey("selfSigned")) -out selfSigned.pem -subj /CN=test -addext \(name)")
    }

    private func newKey(_ name: String) -> String {
        "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout \(name).key"
    }

    private func openssl(_ arguments: String) async throws {
        try await run("openssl", arguments.split(separator: " ").map(String.init), in: folder)
    }
}

/// A program that did not end well.
struct ProgramFailed: Error {
    let program: String
    let status: Int32
    let output: String
}

/// Runs a program found in the path, without blocking a thread.
func run(_ program: String, _ arguments: [String], in folder: URL) async throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = folder
    let log = folder.appending(path: "output-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    let output = try FileHandle(forWritingTo: log)
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    let status: Int32 = try await withCheckedThrowingContinuation { continuation in
        process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
        do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    guard status == 0 else {
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        throw ProgramFailed(program: program, status: status, output: text)
    }
}
