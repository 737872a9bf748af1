public import PraisonCore

/// What reading the configuration came to.
public struct LoadedConfiguration: Sendable {
    /// `nil` when there are problems.
    public var configuration: GatewayConfiguration? { problems.isEmpty ? readable : nil }
    /// What could be read in spite of the problems, to be looked at and not to be run; whatever is at fault is left out.
    /// `nil` when nothing could.
    public let readable: GatewayConfiguration?
    /// Whether ``readable`` leaves out nothing but what a problem names: parts of a file that is no YAML are named by
    /// nobody.
    public let isWhole: Bool
    /// Everything that must be mended first, by place.
    public private(set) var problems: [ConfigurationProblem]
    /// What works, but is worth knowing, by place: keys not in effect, channels that are off, older shapes.
    public private(set) var notices: [ConfigurationProblem]
    private let places: ConfigurationPlaces

    init(
        readable: GatewayConfiguration?, isWhole: Bool, problems: [ConfigurationProblem],
        notices: [ConfigurationProblem], places: ConfigurationPlaces
    ) {
        self.readable = readable
        self.isWhole = isWhole
        self.problems = problems
        self.notices = notices
        self.places = places
    }

    /// Adds what only somebody else could find out: an adapter that refuses its settings, a certificate that is none.
    ///
    /// - Parameter path: the key concerned, by its proper name: `gateway.ssl_cert`. Where the file does not have it, the
    ///   place is that of the block it would belong to.
    public mutating func add(_ severity: ConfigurationProblem.Severity, at path: String, _ message: String) {
        let (file, place) = places[path]
        add(ConfigurationProblem(severity, file: file, place: place, path: path, message: message))
    }

    /// Whether the key itself is known to be wrong, or to be the reason why something is off.
    public func hasProblem(at path: String) -> Bool {
        (problems + notices.filter { $0.severity == .off }).contains { $0.path == path }
    }

    /// Adds what stands in another file.
    public mutating func add(_ problem: ConfigurationProblem) {
        if problem.severity == .error {
            problems = (problems + [problem]).sorted()
        } else {
            notices = (notices + [problem]).sorted()
        }
    }
}

/// Where each key of the configuration stands.
struct ConfigurationPlaces: Sendable {
    private var places: [String: (file: String, place: SourcePlace)] = [:]
    private let file: String

    init(file: String) { self.file = file }

    mutating func insert(_ block: CheckedBlock, of file: String) {
        places[block.path] = (file, block.place)
        for entry in block.entries {
            if case .block(let inner) = entry.node.value {
                insert(inner, of: file)
            } else {
                places[block.path(of: entry.name)] = (file, entry.node.place)
            }
        }
    }

    /// The place of the key, or of the nearest block around it.
    subscript(path: String) -> (file: String, place: SourcePlace) {
        var path = path[...]
        while true {
            if let found = places[String(path)] { return found }
            guard let end = path.lastIndex(of: ".") else { return (file, .outside) }
            path = path[..<end]
        }
    }
}
