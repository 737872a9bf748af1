import Foundation

/// What this process has on its heap.
enum HeapUse {
    /// Swift Testing keeps a backtrace of every error that is thrown, as long as the process lives. Where memory is
    /// measured over a day of failures, it must not: call this before anything else in a process of its own.
    static func keepNoBacktraces() {
        for hook in ["_swift_willThrow", "_swift_willThrowTypedImpl"] {
            dlsym(nil, hook)?.assumingMemoryBound(to: UnsafeRawPointer?.self).pointee = nil
        }
    }

    /// Bytes that are handed out now; `nil` where the C library does not tell.
    static func bytes() -> Int? {
        guard let symbol = dlsym(nil, "malloc_info") else { return nil }
        let info = unsafeBitCast(symbol, to: (@convention(c) (CInt, UnsafeMutablePointer<FILE>) -> CInt).self)
        var text: UnsafeMutablePointer<CChar>?
        var size = 0
        guard let stream = open_memstream(&text, &size) else { return nil }
        let status = info(0, stream)
        fclose(stream)
        defer { free(text) }
        guard status == 0, let text else { return nil }
        // After the arenas come their sums; free chunks are "fast" and "rest".
        let sums = String(cString: text).components(separatedBy: "</heap>").last ?? ""
        func sum(_ type: String) -> Int? {
            let line = sums.split(separator: "\n").first { $0.contains("type=\"\(type)\"") }
            return line?.components(separatedBy: " size=\"").last.flatMap { Int($0.prefix(while: \.isNumber)) }
        }
        guard let current = sum("current"), let fast = sum("fast"), let rest = sum("rest") else { return nil }
        return current + (sum("mmap") ?? 0) - fast - rest
    }
}
