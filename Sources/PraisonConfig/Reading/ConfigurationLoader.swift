public import PraisonCore

/// Makes a `GatewayConfiguration` of gateway.yaml, or says everything that is wrong with it.
///
/// Pure: the environment is a dictionary and files come through a closure. The command line goes before the file, the
/// file before the environment (`GATEWAY_HOST`, `GATEWAY_PORT`, `GATEWAY_AUTH_TOKEN` and so on for every single value
/// of the `gateway:` block), the environment before the default.
public struct ConfigurationLoader: Sendable {
    /// Reads the file of a secret.
    public typealias FileReader = @Sendable (_ path: String) throws -> [UInt8]

    private let schema: ConfigurationSchema
    private let environment: [String: String]
    private let commandLine: CommandLineValues
    private let folder: String
    private let readFile: FileReader

    /// - Parameters:
    ///   - tools: the tools there are without being declared; `nil` has no tool's name checked.
    ///   - folder: where gateway.yaml is; relative paths in it are meant from there. Empty for the working folder.
    ///   - readFile: reads the file of a secret.
    public init(
        platforms: [PlatformDescription], tools: Set<String>? = nil, environment: [String: String] = [:],
        commandLine: CommandLineValues = CommandLineValues(), folder: String = "",
        readFile: @escaping FileReader = { path in throw UnreadableFile(path: path) }
    ) {
        schema = ConfigurationSchema(platforms: platforms, tools: tools)
        self.environment = environment
        self.commandLine = commandLine
        self.folder = folder
        self.readFile = readFile
    }

    /// - Parameters:
    ///   - yaml: the bytes of gateway.yaml.
    ///   - file: its name, for messages.
    ///   - agentsFile: a plain agents file; its agents join those of gateway.yaml and replace those of the same name.
    public func load(yaml: [UInt8], file: String, agentsFile: ConfigurationFile? = nil) -> LoadedConfiguration {
        let gateway = checked(ConfigurationFile(name: file, bytes: yaml), against: schema.root)
        return assemble(gateway, agents: agentsFile.map { checked($0, against: schema.agentsFile) })
    }

    /// A gateway without channels of its own, for agents from a plain agents file.
    public func load(agentsFile: ConfigurationFile) -> LoadedConfiguration {
        assemble(
            .empty(checker("command line or environment")), agents: checked(agentsFile, against: schema.agentsFile))
    }

    /// What runs when there is no file at all: one agent called `assistant`.
    public func demonstration() -> LoadedConfiguration {
        var assistant = CheckedBlock(path: "agents.assistant", place: .outside)
        assistant.entries = [
            .init(
                name: "instructions", keyPlace: .outside,
                node: CheckedNode(value: .text("You are a helpful assistant."), place: .outside))
        ]
        let agents = CheckedBlock(
            path: "agents", place: .outside,
            entries: [
                .init(
                    name: "assistant", keyPlace: .outside, node: CheckedNode(value: .block(assistant), place: .outside))
            ])
        var gateway = CheckedFile.empty(checker("command line or environment"))
        gateway.agentNames = ["assistant"]
        gateway.root?.entries = [
            .init(name: "agents", keyPlace: .outside, node: CheckedNode(value: .block(agents), place: .outside))
        ]
        return assemble(gateway, agents: nil)
    }

    private func checker(_ file: String) -> Checker {
        Checker(
            schema: schema, file: file, substitution: Substitution(environment: environment), folder: folder,
            readFile: readFile)
    }

    private func checked(_ file: ConfigurationFile, against block: SettingBlock) -> CheckedFile {
        var checker = checker(file.name)
        let reading = YAMLReader().read(file.bytes)
        for problem in reading.problems {
            checker.report(problem.place, schema.text(of: problem.path, in: block), problem.message)
        }
        guard reading.problems.isEmpty || reading.root != nil else {
            return CheckedFile(root: nil, agentNames: [], checker: checker, isWhole: false)
        }
        var root = reading.root ?? YAMLNode(.mapping([]), at: SourcePlace(line: 1, column: 1))
        if root.isNull { root.content = .mapping([]) }
        OlderShapes(isAgentsFile: block == schema.agentsFile).rewrite(&root, reportingTo: &checker)
        let names = root.entries.flatMap { Self.agents(in: $0, known: block.words) } ?? []
        let checked = checker.block(root, block, path: "")
        return CheckedFile(root: checked, agentNames: names, checker: checker, isWhole: reading.isWhole)
    }

    /// The names of all agents, even if their section is misspelled.
    private static func agents(in root: [YAMLNode.Entry], known: [String]) -> [String]? {
        let words = ["agents", "roles"]
        let section =
            root.first { words.contains($0.key) }
            ?? root.prefix(known.count).first { entry in
                !known.contains(entry.key)
                    && Spelling.suggestion(for: entry.key, among: known).map(words.contains) == true
            }
        return section?.value.entries?.map(\.key)
    }

    private func assemble(_ gateway: CheckedFile, agents: CheckedFile?) -> LoadedConfiguration {
        var assembly = ConfigurationAssembly(
            gateway: gateway, agents: agents, environment: environment, commandLine: commandLine)
        let readable = assembly.readable()
        let problems = Set(assembly.problems).sorted()
        return LoadedConfiguration(
            readable: readable, isWhole: assembly.isWhole, problems: problems,
            notices: Set(assembly.notices).sorted(), places: assembly.places)
    }
}

/// A file's bytes and its name for messages.
public struct ConfigurationFile: Hashable, Sendable {
    public var name: String
    public var bytes: [UInt8]

    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}

/// A file that nobody offers to read.
public struct UnreadableFile: Error, Hashable, Sendable {
    public var path: String

    public init(path: String) { self.path = path }
}

/// A file held against the schema.
struct CheckedFile {
    var root: CheckedBlock?
    /// Every agent the file names, also those with mistakes in them.
    var agentNames: [String]
    var checker: Checker
    /// Whether all of it could be read; if not, what seems to be missing may be in the rest.
    var isWhole: Bool

    static func empty(_ checker: Checker) -> CheckedFile {
        CheckedFile(root: CheckedBlock(path: "", place: .outside), agentNames: [], checker: checker, isWhole: true)
    }
}
