import Foundation
import PraisonConfig
import Testing

/// `NAME.yaml` beside `NAME.problems.txt`: one line per problem as users see it, notices after a `# `.
///
/// A file may begin with `# environment: NAME=value …` and `# file PATH: content`. `PRAISON_RECORD=1` writes what is
/// found in place of comparing it.
@Suite struct `a configuration file` {
    @Test(arguments: Fixtures.names)
    func `is told every problem with its place`(name: String) throws {
        let bytes = try Fixtures.bytes("\(name).yaml")
        var environment: [String: String] = [:]
        var files: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            guard line.hasPrefix("# ") else { break }
            if line.hasPrefix("# environment: ") {
                for pair in line.dropFirst(15).split(separator: " ") {
                    let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    environment[String(sides[0])] = sides.count > 1 ? String(sides[1]) : ""
                }
            } else if line.hasPrefix("# file "), let colon = line.firstIndex(of: ":") {
                files[String(line[..<colon].dropFirst(7))] = String(line[colon...].dropFirst(2))
            }
        }
        let loaded = ConfigurationLoader.make(environment, files: files).load(yaml: bytes, file: "\(name).yaml")
        let found =
            (loaded.problems.map(\.description) + loaded.notices.map { "# \($0.severity.rawValue): \($0)" })
            .map { $0 + "\n" }.joined()
        let expected = Fixtures.folder.appending(path: "\(name).problems.txt")
        if ProcessInfo.processInfo.environment["PRAISON_RECORD"] != nil {
            try Data(found.utf8).write(to: expected)
        }
        #expect(found == String(decoding: try Data(contentsOf: expected), as: UTF8.self))
        #expect((loaded.configuration == nil) == !loaded.problems.isEmpty)
        #expect(loaded.problems.allSatisfy { $0.place == .outside || $0.place.line >= 1 && $0.place.column >= 1 })
    }
}
