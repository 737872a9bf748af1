#if canImport(Glibc)
    import Glibc
#endif

/// Where the user's files are.
struct UserFolder: Sendable {
    /// `HOME`, or what the system's list of users says.
    let home: String

    init(environment: [String: String]) {
        let named = environment["HOME"] ?? ""
        let listed = getpwuid(getuid()).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) }
        home = named.isEmpty ? listed ?? "/" : named
    }

    /// `~/.praisonai`.
    var path: String { "\(home)/.praisonai" }

    /// Where the configuration is looked for when nobody says, in this order.
    var configurationCandidates: [String] { ["gateway.yaml", "\(path)/gateway.yaml"] }

    /// Where the store is when nobody says.
    var storePath: String { "\(path)/state/gateway.sqlite" }

    /// Keys people keep out of their files; the environment wins over it.
    var environmentFile: String { "\(path)/.env" }

    /// `path` with the home for `~`, which shells leave as it is after an equals sign.
    func resolve(_ path: String) -> String {
        if path == "~" { return home }
        return path.hasPrefix("~/") ? home + path.dropFirst() : path
    }

    /// `path` as it is called from everywhere.
    func absolute(_ path: String) -> String {
        let path = resolve(path)
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return "\(String(cString: folder))/\(path)"
    }
}
