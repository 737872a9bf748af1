#if canImport(Glibc)
    import Glibc
#endif

extension OutboundMessage.File {
    /// The bytes of a file that is in the journal or on this machine's disk.
    ///
    /// - Parameter limit: bytes the platform takes; a larger file is refused before it is read to its end.
    /// - Throws: ``ChannelError/rejected(reason:)``, also for a file that is only an address.
    public func content(limit: Int) throws(ChannelError) -> [UInt8] {
        switch source {
        case .url: throw .rejected(reason: "\(name) is an address, not a file")
        case .bytes(let bytes):
            guard bytes.count <= limit else { throw tooLarge("\(bytes.count)", limit) }
            return bytes
        case .path(let path):
            let bytes = try Self.read(path, limit: limit)
            guard bytes.count <= limit else { throw tooLarge("more than \(limit)", limit) }
            return bytes
        }
    }

    private func tooLarge(_ size: String, _ limit: Int) -> ChannelError {
        .rejected(reason: "\(name) has \(size) bytes; the platform takes \(limit) from bots")
    }

    private static func read(_ path: String, limit: Int) throws(ChannelError) -> [UInt8] {
        var info = stat()
        // Only files: a pipe or a device would hold us up for as long as it likes.
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG, let file = fopen(path, "rb") else {
            throw .rejected(reason: "the file to send cannot be read")
        }
        defer { fclose(file) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while content.count <= limit {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { break }
            content += chunk[..<count]
        }
        guard ferror(file) == 0 else { throw .rejected(reason: "the file to send cannot be read to its end") }
        return content
    }
}
