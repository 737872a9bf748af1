#if canImport(Glibc)
    import Glibc
#endif

/// Whether a service manager looks after the gateway, told from the files it leaves, without asking it.
///
/// Source: systemd keeps a link `units/invocation:UNIT` in its runtime folder for as long as a unit is active
/// (src/core/unit.c); unit files are where systemd.unit(5) says. On a Mac, launchd(8) reads `~/Library/LaunchAgents`.
struct ServiceUnit: Equatable {
    static let unit = "praisonai-gateway.service"
    static let label = "ai.praison.gateway.plist"

    enum Manager: String { case systemd, launchd }

    var manager: Manager
    /// The file that describes the service.
    var file: String
    /// `nil` where the manager leaves no trace of it.
    var isActive: Bool?

    /// - Parameters:
    ///   - home: the user's home.
    ///   - runtimeFolder: `XDG_RUNTIME_DIR`, where the user's own services run.
    ///   - root: the folder that stands for `/`.
    static func find(home: String, runtimeFolder: String?, root: String = "") -> ServiceUnit? {
        let candidates: [(folder: String, runtime: String?)] = [
            ("\(home)/.config/systemd/user", runtimeFolder), ("\(root)/etc/systemd/user", runtimeFolder),
            ("\(root)/etc/systemd/system", "\(root)/run"), ("\(root)/usr/lib/systemd/system", "\(root)/run"),
        ]
        for candidate in candidates where exists("\(candidate.folder)/\(unit)") {
            let isActive = candidate.runtime.map { exists("\($0)/systemd/units/invocation:\(unit)") }
            return ServiceUnit(manager: .systemd, file: "\(candidate.folder)/\(unit)", isActive: isActive)
        }
        let agent = "\(home)/Library/LaunchAgents/\(label)"
        return exists(agent) ? ServiceUnit(manager: .launchd, file: agent, isActive: nil) : nil
    }

    private static func exists(_ path: String) -> Bool {
        var status = stat()
        // Not `access`, which follows the link: systemd's leads nowhere.
        return lstat(path, &status) == 0
    }
}
