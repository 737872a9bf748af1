#if canImport(Glibc)
    import Glibc
#endif

/// The lock that keeps a second gateway from the same store: a file beside it that names the process which holds it.
///
/// The lock is the kernel's (`flock`), so it is gone with its process however that ends; the file that stays behind
/// means nothing.
struct ProcessLock: ~Copyable {
    /// What the file says: `PID`, on a second line the address once the gateway listens, and on a third the file of its
    /// certificate, where it has one.
    struct Holder: Equatable {
        var process: Int32
        var address: String?
        /// An absolute path.
        var certificate: String?
    }

    let path: String
    private let descriptor: Int32

    static func path(besideStore store: String) -> String { "\(store).pid" }

    /// Takes the lock for this process.
    ///
    /// - Throws: ``CommandFailure`` that names the holder, or why the file cannot be made.
    init(besideStore store: String) throws(CommandFailure) {
        let path = Self.path(besideStore: store)
        descriptor = try Self.lockedFile(at: path, besideStore: store)
        self.path = path
        write(Holder(process: getpid(), address: nil))
    }

    /// Opens and locks before there is a `self`, whose end would close the file a second time.
    private static func lockedFile(at path: String, besideStore store: String) throws(CommandFailure) -> Int32 {
        makeFolder(of: path)
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno)).lowercased()
            throw CommandFailure(
                .configuration, "cannot make \(path): \(reason); choose another place for the store with --store")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            let holder = holder(besideStore: store)
            throw CommandFailure(
                .tryAgain,
                "another gateway" + (holder.map { " (process \($0.process))" } ?? "") + " uses the store \(store); "
                    + "stop it, or give this one another --store")
        }
        return descriptor
    }

    deinit { close(descriptor) }

    /// Notes where the gateway listens.
    func publish(address: String, certificate: String? = nil) {
        write(Holder(process: getpid(), address: address, certificate: certificate))
    }

    private func write(_ holder: Holder) {
        let lines = ["\(holder.process)", holder.address, holder.certificate].compactMap(\.self)
        let text = lines.map { "\($0)\n" }.joined()
        ftruncate(descriptor, 0)
        _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
    }

    /// Who holds the lock now; `nil` when nobody does.
    static func holder(besideStore store: String) -> Holder? {
        let descriptor = open(path(besideStore: store), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // A shared lock is refused as long as somebody holds the other kind; where it is granted it ends at once.
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 8 << 10)
        let count = read(descriptor, &buffer, buffer.count)
        let lines = String(decoding: buffer[..<max(count, 0)], as: UTF8.self).split(separator: "\n")
        return Holder(
            process: lines.first.flatMap { Int32($0) } ?? 0, address: lines.dropFirst().first.map(String.init),
            certificate: lines.dropFirst(2).first.map(String.init))
    }

    /// Makes the folders that are missing, for their owner's eyes only.
    private static func makeFolder(of path: String) {
        var position = path.startIndex
        while let slash = path[position...].dropFirst().firstIndex(of: "/") {
            mkdir(String(path[..<slash]), 0o700)
            position = slash
        }
    }
}
