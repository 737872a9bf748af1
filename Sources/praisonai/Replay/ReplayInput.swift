import FoundationEssentials
import PraisonCore

/// Recorded payloads, from files and folders: a file holds one as JSON, a list of them, or one a line (JSONL).
///
/// In a whole recorded conversation a line `{"call": …, "parameters": …}` tells what was asked of the platform next; it
/// is no payload.
struct ReplayInput {
    /// One payload, or why there is none.
    struct Payload {
        /// `FILE`, `FILE[2]` for an element of a list, `FILE:3` for a line.
        var source: String
        var content: Result<JSONDocument, JSONDocument.ParseError>
        /// What stands before it in its list, at most so much of it; it may say what this one only numbers.
        var earlier: [JSONDocument] = []
    }

    private static let earlierLimit = 50

    /// Bytes of one file.
    private static let largestFile = 256 << 20

    let payloads: [Payload]
    /// Files that say what payloads mean instead of being some.
    let skippedCount: Int

    /// - Parameter paths: files, folders (with what is in them, sorted), or `-`.
    init(_ paths: [String]) throws(CommandFailure) {
        var payloads: [Payload] = []
        var skipped = 0
        for path in paths {
            for file in try Self.files(at: path) {
                if file.hasSuffix(".event.json") {
                    skipped += 1
                    continue
                }
                payloads += Self.payloads(in: try Self.read(file), of: file)
            }
        }
        (self.payloads, skippedCount) = (payloads, skipped)
    }

    private static func files(at path: String) throws(CommandFailure) -> [String] {
        var isFolder = false
        guard path != "-", FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder else {
            return [path]
        }
        guard let names = try? FileManager.default.subpathsOfDirectory(atPath: path) else {
            throw CommandFailure(.usage, "\(path): cannot be listed")
        }
        let wanted = names.filter { ($0.hasSuffix(".json") || $0.hasSuffix(".jsonl")) && !$0.hasSuffix("index.json") }
        return wanted.sorted().map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
    }

    private static func read(_ file: String) throws(CommandFailure) -> [UInt8] {
        let bytes: [UInt8]
        do {
            bytes = try WholeFile.bytes(of: file, limit: largestFile)
        } catch {
            throw CommandFailure(.usage, "\(file): \(error.reason)")
        }
        guard bytes.count <= largestFile else {
            throw CommandFailure(.usage, "\(file): larger than \(largestFile >> 20) MiB; cut it into pieces")
        }
        return bytes
    }

    private static func payloads(in bytes: [UInt8], of file: String) -> [Payload] {
        do {
            let document = try JSONDocument(parsing: bytes)
            guard document.kind == .array else { return [Payload(source: file, content: .success(document))] }
            let elements = document.elements
            return elements.enumerated().map { index, element in
                Payload(
                    source: "\(file)[\(index)]", content: .success(element),
                    earlier: elements.prefix(index).suffix(earlierLimit))
            }
        } catch {
            let lines = lines(of: bytes)
            // One line that is not JSON is just that; several may be a payload each.
            guard lines.count > 1, file.hasSuffix(".jsonl") || (try? JSONDocument(parsing: lines[0].bytes)) != nil
            else {
                return [Payload(source: file, content: .failure(error))]
            }
            return lines.compactMap { line in
                let content = Result { () throws(JSONDocument.ParseError) in try JSONDocument(parsing: line.bytes) }
                if let document = try? content.get(), document["call"]?.kind == .string,
                    document["parameters"]?.kind == .object
                {
                    return nil
                }
                return Payload(source: "\(file):\(line.number)", content: content)
            }
        }
    }

    private static func lines(of bytes: [UInt8]) -> [(number: Int, bytes: [UInt8])] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
            .filter { !$1.allSatisfy { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 } }
            .map { ($0 + 1, Array($1)) }
    }
}
