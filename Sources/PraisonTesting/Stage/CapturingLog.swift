public import Logging
import PraisonCore
import Synchronization

/// Everything that is logged, at every level.
public final class CapturingLog: Sendable {
    private let state = Mutex<[String]>([])

    public init() {}

    public var lines: [String] { state.withLock { $0 } }

    public func forget() { state.withLock { $0 = [] } }

    public var logger: Logger {
        Logger(label: "conformance") { _ in Handler(log: self) }
    }

    private func append(_ line: String) {
        state.withLock { lines in if lines.count < 100_000 { lines.append(line) } }
    }

    private struct Handler: LogHandler {
        let log: CapturingLog
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level {
            get { .trace }
            set {}
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            log.append("\(event.level) \(event.message) \(all)")
        }
    }
}
