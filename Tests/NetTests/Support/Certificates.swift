import Foundation
import Testing

/// Certificates made for one test, in a folder that goes with it.
struct Certificates: Sendable {
    let folder: String

    var authority: String { path("ca.pem") }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// Lends a folder with an authority's certificate (`ca.pem`).
    static func make<Value: Sendable>(_ body: @Sendable (Certificates) async throws -> Value) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(path: "certificates-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let certificates = Certificates(folder: folder)
        try await openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Test CA",
            "-days", "2", "-keyout", certificates.path("ca.key"), "-out", certificates.authority)
        return try await body(certificates)
    }

    /// Makes `NAME.pem` and `NAME.key`, signed by the authority.
    func issue(_ name: String, for hosts: String = "DNS:localhost,IP:127.0.0.1", days: Int = 2) async throws {
        let extensions = path("\(name).ext")
        try Data("subjectAltName=\(hosts)\n".utf8).write(to: URL(filePath: extensions))
        try await Self.openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(name)",
            "-keyout", path("\(name).key"), "-out", path("\(name).csr"))
        try await Self.openssl(
            "x509", "-req", "-in", path("\(name).csr"), "-CA", authority, "-CAkey", path("ca.key"),
            "-CAcreateserial", "-days", "\(days)", "-extfile", extensions, "-out", path("\(name).pem"))
    }

    static func openssl(_ arguments: String...) async throws {
        let result = try await Tool.run(["openssl"] + arguments)
        try #require(result.status == 0, "\(result.output)")
    }
}
