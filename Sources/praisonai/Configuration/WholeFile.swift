#if canImport(Glibc)
    import Glibc
#endif

/// Reads a file, but never more of it than is wanted.
enum WholeFile {
    /// What the system says, in its words.
    struct Unreadable: Error, Equatable {
        var reason: String
        var isMissing: Bool

        /// After a call that failed.
        init() {
            isMissing = errno == ENOENT
            reason = isMissing ? "no such file" : String(cString: strerror(errno)).lowercased()
        }
    }

    /// - Parameters:
    ///   - path: a path, or `-` for standard input.
    ///   - limit: bytes; of a larger file these and one more, so that the reader can tell.
    static func bytes(of path: String, limit: Int) throws(Unreadable) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Unreadable() }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= limit {
            let count = read(descriptor, &buffer, min(buffer.count, limit + 1 - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Unreadable() }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return bytes
    }
}
