import PraisonCore

#if canImport(Glibc)
    import Glibc
#endif

/// The files an agent may look things up in: those its paths name, and all text in the folders they name.
struct KnowledgeFiles: Sendable {
    /// What is read, by a file's ending.
    static let endings: Set<String> = [
        "txt", "md", "markdown", "rst", "adoc", "org", "csv", "tsv", "json", "jsonl", "yaml", "yml", "xml", "html",
        "htm",
        "log",
    ]
    /// Bytes of one file; the rest is not read.
    static let maximumSize = 1 << 20
    static let maximumCount = 200
    private static let maximumDepth = 6

    struct File: Hashable, Sendable {
        var path: String
        /// Changes when the file does.
        var stamp: String

        var name: String { path.split(separator: "/").last.map(String.init) ?? path }
        var ending: String { name.split(separator: ".").dropFirst().last?.lowercased() ?? "" }
    }

    private(set) var files: [File] = []
    /// What can't be read and why, for people.
    private(set) var problems: [String] = []

    init(_ paths: [String]) {
        for path in paths { take(path, isNamed: true, depth: 0) }
        if files.count > Self.maximumCount {
            problems.append("\(files.count) files are too many; the first \(Self.maximumCount) are read")
            files.removeLast(files.count - Self.maximumCount)
        }
    }

    /// - Parameter isNamed: whether somebody wrote this path; of what lies in folders only text is meant.
    private mutating func take(_ path: String, isNamed: Bool, depth: Int) {
        var info = stat()
        guard stat(path, &info) == 0 else {
            if isNamed { problems.append("there is no \(path)") }
            return
        }
        switch info.st_mode & S_IFMT {
        case S_IFDIR:
            guard depth <= Self.maximumDepth, files.count <= Self.maximumCount else { return }
            for name in Self.names(in: path) { take("\(path)/\(name)", isNamed: false, depth: depth + 1) }
        case S_IFREG:
            let file = File(path: path, stamp: "\(info.st_size)/\(info.st_mtim.tv_sec).\(info.st_mtim.tv_nsec)")
            if Self.endings.contains(file.ending) {
                files.append(file)
            } else if isNamed {
                problems.append(
                    "\(file.name) is no text; what is read ends in \(Self.endings.sorted().joined(separator: ", "))")
            }
        default: if isNamed { problems.append("\(path) is no file") }
        }
    }

    /// Without hidden ones, in order.
    private static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// The file's words; `nil` where it is gone or is no text after all.
    static func text(of file: File) -> String? {
        guard let handle = fopen(file.path, "rb") else { return nil }
        defer { fclose(handle) }
        var bytes = [UInt8](repeating: 0, count: maximumSize)
        let count = fread(&bytes, 1, bytes.count, handle)
        let text = CharacterEncoding.text(Array(bytes[..<count]), isCut: count == maximumSize)
        guard !text.isEmpty, !text.utf8.contains(0) else { return nil }
        return ["html", "htm"].contains(file.ending) ? ReadableText(html: text).text : text
    }
}
