#if canImport(Glibc)
    import Glibc
#endif

/// Puts a repaired file in the place of the old one, so that there is always a whole file under its name.
public enum RepairedFile {
    /// What the system refused, in its words.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        public var path: String
        public var reason: String

        init(_ path: String) {
            self.path = path
            reason = String(cString: strerror(errno)).lowercased()
        }

        public var description: String { "\(path): \(reason)" }
    }

    /// Keeps the old bytes as `PATH.bak` (or `.bak.1`, …, whichever is free), and replaces the file in one step.
    ///
    /// - Parameters:
    ///   - path: the file; where it is a symbolic link, what it points to is replaced.
    ///   - original: what it holds, as far as the caller knows.
    /// - Returns: the path of the copy.
    public static func save(_ bytes: [UInt8], over path: String, original: [UInt8]) throws(Failure) -> String {
        guard let resolved = realpath(path, nil) else { throw Failure(path) }
        let target = String(cString: resolved)
        free(resolved)
        var status = stat()
        guard stat(target, &status) == 0 else { throw Failure(target) }
        let mode = status.st_mode & 0o777
        let backup = try create("\(target).bak", holding: original, mode: mode)
        let draft = try create("\(target).new", holding: bytes, mode: mode)
        guard rename(draft, target) == 0 else {
            let failure = Failure(target)
            unlink(draft)
            throw failure
        }
        return backup
    }

    /// A new file under the first free of `name`, `name.1`, …
    private static func create(_ name: String, holding bytes: [UInt8], mode: mode_t) throws(Failure) -> String {
        for number in 0..<1000 {
            let path = number == 0 ? name : "\(name).\(number)"
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
            if descriptor < 0, errno == EEXIST { continue }
            guard descriptor >= 0 else { throw Failure(path) }
            defer { close(descriptor) }
            // The mode of `open` is narrowed by the process's mask.
            guard fchmod(descriptor, mode) == 0, write(bytes, to: descriptor), fsync(descriptor) == 0 else {
                let failure = Failure(path)
                unlink(path)
                throw failure
            }
            return path
        }
        errno = EEXIST
        throw Failure(name)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            rest = rest.dropFirst(written)
        }
        return true
    }
}
