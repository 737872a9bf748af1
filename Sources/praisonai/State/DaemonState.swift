import PraisonCore

#if canImport(Glibc)
    import Glibc
#endif

/// What this machine knows of a gateway without asking it.
struct DaemonState {
    let store: StoreLocation
    let holder: ProcessLock.Holder?
    let service: ServiceUnit?

    init(store: StoreLocation, _ source: ConfigurationSource) {
        self.store = store
        holder = if case .file(let path) = store { ProcessLock.holder(besideStore: path) } else { nil }
        service = ServiceUnit.find(
            home: source.folder.home, runtimeFolder: source.environment["XDG_RUNTIME_DIR"])
    }

    /// - Parameter answering: the address of a gateway that has just answered, if one has.
    func lines(answering: String? = nil) -> [String] {
        let isOther = answering.map { Self.port($0) != holder?.address.flatMap(Self.port) } ?? false
        let process = isOther ? "unknown: it uses another store than this one; name that with --store" : processWords
        return ["Process   \(process)", "Store     \(store.description)", "Service   \(serviceWords)"]
    }

    /// Not the whole address: one gateway has many names.
    private static func port(_ address: String) -> Substring? { address.split(separator: ":").last }

    private var processWords: String {
        guard let holder else { return "no gateway holds the store" }
        return "\(holder.process) holds the store" + (holder.address.map { ", at \($0.escapingControls)" } ?? "")
    }

    private var serviceWords: String {
        guard let service else { return "none installed" }
        let state = service.isActive.map { $0 ? "active" : "not active" } ?? "state unknown"
        return "\(service.manager.rawValue), \(state) (\(service.file))"
    }

    var json: JSONValue {
        var members: [String: JSONValue] = ["running": .bool(holder != nil)]
        members["pid"] = holder.map { JSONValue($0.process) } ?? .null
        members["address"] = JSONValue(holder?.address)
        if case .file(let path) = store {
            members["store"] = .string(path)
            members["lock"] = .string(ProcessLock.path(besideStore: path))
        }
        members["service"] =
            service.map {
                [
                    "manager": .string($0.manager.rawValue), "file": .string($0.file),
                    "active": $0.isActive.map(JSONValue.bool) ?? .null,
                ]
            } ?? .null
        return .object(members)
    }
}
