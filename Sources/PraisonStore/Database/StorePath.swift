#if canImport(Glibc)
    import Glibc
#endif

/// A store's place on the disk, made so that only its owner can look inside.
struct StorePath: Sendable {
    let path: String

    init(_ path: String) { self.path = path }

    /// Makes the folders that are missing (0700) and the file (0600). SQLite gives its -wal and -shm files the same
    /// permissions. What is there already keeps its own.
    func create() throws(StoreError) {
        try createFolders()
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw refusal(of: path, errno) }
        Glibc.close(descriptor)
    }

    private func createFolders() throws(StoreError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true).dropLast()
        var folder = path.hasPrefix("/") ? "" : "."
        for part in parts {
            folder += "/" + part
            if mkdir(folder, 0o700) == 0 || errno == EEXIST { continue }
            // A folder on the way may be there without being ours to make; the last word has opening the file.
            let problem = errno
            var status = stat()
            guard stat(folder, &status) == 0 else { throw refusal(of: folder, problem) }
        }
    }

    private func refusal(of place: String, _ code: Int32) -> StoreError {
        let words = String(cString: strerror(code))
        let remedy =
            switch code {
            case EACCES, EPERM: "make it writable for the user that runs the gateway"
            case EROFS: "the file system is read-only"
            case ENOSPC, EDQUOT: "free some room on the disk"
            case EISDIR: "that is a folder, not a file"
            case ENOTDIR: "something on the way to it is a file, not a folder"
            default: "make the place first"
            }
        let kind: StoreError.Kind = code == ENOSPC || code == EDQUOT ? .full : .unusable
        return StoreError(
            kind, file: path, "can't open \(place): \(words); \(remedy), or choose another file with --store")
    }
}
