import Glibc

/// How many files and sockets this process may have open at once.
public enum FileLimit {
    /// Raises it to the most the system allows; many systems begin with 1024.
    public static func raise() {
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(files, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(files, &limit)
    }
}
