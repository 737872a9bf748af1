import AdapterCatalog
import PraisonAgents
import PraisonConfig
import PraisonCore

#if canImport(Glibc)
    import Glibc
#endif

/// Finds the configuration and reads it: the file named, else `./gateway.yaml`, else `~/.praisonai/gateway.yaml`, else
/// one demonstration agent.
struct ConfigurationSource {
    enum Place: Equatable {
        case file(String)
        /// A plain agents file alone: agents without channels.
        case agentsFile(String)
        /// Nothing was found anywhere.
        case demonstration
    }

    /// Bytes; what is larger is no file a person wrote, and the reader says so.
    private static let largestFile = 16 << 20

    let place: Place
    let agentsFile: String?
    let environment: [String: String]
    let folder: UserFolder
    private let commandLine: CommandLineValues

    /// - Parameters:
    ///   - file: `--config`.
    ///   - agentsFile: `--agents`; without `file` it stands alone, as in the reference.
    ///   - commandLine: flags that go before the file.
    init(
        file: String?, agentsFile: String? = nil, environment: [String: String] = Self.environment(),
        commandLine: CommandLineValues = CommandLineValues()
    ) {
        self.environment = environment
        self.commandLine = commandLine
        self.agentsFile = agentsFile
        let folder = UserFolder(environment: environment)
        self.folder = folder
        if let file {
            place = .file(file)
        } else if let agentsFile {
            place = .agentsFile(agentsFile)
        } else {
            let found = folder.configurationCandidates.first { access($0, F_OK) == 0 }
            place = found.map(Place.file) ?? .demonstration
        }
    }

    /// The process's variables, and below them those of `~/.praisonai/.env`.
    static func environment() -> [String: String] {
        var variables: [String: String] = [:]
        var pointer = environ
        while let entry = pointer.pointee {
            let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            pointer += 1
        }
        let file = DotEnvFile(of: UserFolder(environment: variables))
        return file?.variables.merging(variables) { _, own in own } ?? variables
    }

    /// What the file is called in messages; `nil` when there is none.
    var name: String? {
        switch place {
        case .file(let path), .agentsFile(let path): path
        case .demonstration: nil
        }
    }

    /// Reads and checks.
    ///
    /// - Parameter yaml: what to take in place of the file's own bytes.
    /// - Throws: ``CommandFailure`` when a file cannot be read at all; what is wrong in it is part of the result.
    func load(_ yaml: [UInt8]? = nil) throws(CommandFailure) -> LoadedConfiguration {
        switch place {
        case .demonstration: return loader(folder: "").demonstration()
        case .agentsFile(let path): return loader(folder: Self.folder(of: path)).load(agentsFile: try file(path))
        case .file(let path):
            let yaml = if let yaml { ConfigurationFile(name: path, bytes: yaml) } else { try file(path) }
            let agents = try agentsFile.map { (path) throws(CommandFailure) in try file(path) }
            return loader(folder: Self.folder(of: path)).load(yaml: yaml.bytes, file: yaml.name, agentsFile: agents)
        }
    }

    /// Reads, and refuses what has problems, in the file or in the certificate it names. Whoever has to mend something
    /// is told everything that a check would find, one a line.
    func loadWithoutProblems() throws(CommandFailure) -> (configuration: GatewayConfiguration, LoadedConfiguration) {
        let read = try load()
        var loaded = read
        loaded.checkEssentials()
        if let configuration = loaded.configuration { return (configuration, loaded) }
        var checked = read
        checked.checkEverything(environment)
        let lines = checked.problems.map { "\($0)".escapingControls }
        throw CommandFailure(
            .configuration, "the configuration cannot be used:\n" + lines.joined(separator: "\n"),
            problems: checked.problems)
    }

    private func loader(folder base: String) -> ConfigurationLoader {
        ConfigurationLoader(
            platforms: KnownPlatforms.descriptions(of: AdapterCatalog.platforms.map(\.adapter)),
            tools: BuiltInTools.names, environment: environment, commandLine: commandLine, folder: base,
            readFile: { path in try WholeFile.bytes(of: path, limit: 1 << 20) })
    }

    /// The file as it is.
    func file(_ path: String) throws(CommandFailure) -> ConfigurationFile {
        do {
            let bytes = try WholeFile.bytes(of: folder.resolve(path), limit: Self.largestFile)
            return ConfigurationFile(name: path, bytes: bytes)
        } catch {
            let problem = ConfigurationProblem(file: path, place: .outside, message: error.reason)
            throw CommandFailure(.configuration, "\(problem)", problems: [problem])
        }
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
}
