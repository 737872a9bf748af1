import Foundation

/// A folder for one test: home and current folder of the processes it starts.
struct Workspace: Sendable {
    let url: URL

    /// Lends a fresh folder.
    static func with<Value: Sendable>(_ body: (Workspace) async throws -> Value) async throws -> Value {
        let url = FileManager.default.temporaryDirectory.appending(path: "praisonai-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        return try await body(Workspace(url: url))
    }

    /// Writes a file and returns its path.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return file.path()
    }

    func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: url.appending(path: name)), as: UTF8.self)
    }

    var store: String { url.appending(path: "store.sqlite").path() }

    /// The checkout these tests are from.
    static let checkout = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func fixture(_ path: String) -> String { checkout.appending(path: "Fixtures/\(path)").path() }
}
