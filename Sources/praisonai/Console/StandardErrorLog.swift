import Logging
import PraisonCore

#if canImport(Glibc)
    import Glibc
#endif

/// Writes log lines to standard error, each with one call, so that lines of several threads never mix.
///
/// Text: `2026-11-25T20:41:15.123Z info channel health channel=telegram was=starting is=receiving`. JSON: `{"level":…,
/// "message":…,"metadata":{…},"time":…}`. Whatever came from outside is escaped: a message holds one line.
struct StandardErrorLog: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private let format: LogFormat
    private let clock: any GatewayClock
    private let paint: Paint
    private let write: @Sendable (String) -> Void

    init(
        _ format: LogFormat, level: Logger.Level, clock: any GatewayClock = SystemClock(),
        paint: Paint = Paint(.error),
        write: @escaping @Sendable (String) -> Void = { Console.put($0, to: .error) }
    ) {
        self.format = format
        self.clock = clock
        self.paint = paint
        self.write = write
        logLevel = level
    }

    /// A logger with this handler, without a global logging system.
    static func logger(_ format: LogFormat = .text, level: Logger.Level = .info) -> Logger {
        let handler = StandardErrorLog(format, level: level)
        return Logger(label: "praisonai") { _ in handler }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadataProvider?.get() ?? [:]
        all.merge(metadata) { _, own in own }
        all.merge(event.metadata ?? [:]) { _, own in own }
        if let error = event.error { all["error"] = "\(error)" }
        let time = Self.text(of: clock.now)
        switch format {
        case .text: write(line(event, all, time) + "\n")
        case .json: write(Self.object(event, all, time).text() + "\n")
        }
    }

    private func line(_ event: LogEvent, _ metadata: Logger.Metadata, _ time: String) -> String {
        let fields = metadata.sorted { $0.key < $1.key }.map { key, value in
            let text = "\(value)".escapingControls
            return " " + paint.dim("\(key.escapingControls)=") + Self.quoted(text)
        }
        let level = event.level.rawValue
        let painted =
            switch event.level {
            case .error, .critical: paint.red(level)
            case .warning: paint.yellow(level)
            default: level
            }
        return "\(paint.dim(time)) \(painted) \("\(event.message)".escapingControls)" + fields.joined()
    }

    /// A value with white space, quotes or nothing in it, so that it is clear where it ends.
    private static func quoted(_ text: String) -> String {
        guard text.isEmpty || text.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" }) else { return text }
        return "\"" + text.replacing("\"", with: "\\\"") + "\""
    }

    private static func object(_ event: LogEvent, _ metadata: Logger.Metadata, _ time: String) -> JSONValue {
        var members: [String: JSONValue] = [
            "time": .string(time), "level": .string(event.level.rawValue), "message": .string("\(event.message)"),
        ]
        if !metadata.isEmpty { members["metadata"] = .object(metadata.mapValues { .string("\($0)") }) }
        return .object(members)
    }

    /// `2026-11-25T20:41:15.123Z`.
    static func text(of timestamp: Timestamp) -> String {
        var seconds = time_t(timestamp.microseconds / 1_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func digits(_ number: some BinaryInteger, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(count - text.count, 0)) + text
        }
        let date = "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1, 2))-\(digits(parts.tm_mday, 2))"
        let time = "\(digits(parts.tm_hour, 2)):\(digits(parts.tm_min, 2)):\(digits(parts.tm_sec, 2))"
        return "\(date)T\(time).\(digits(timestamp.microseconds % 1_000_000 / 1000, 3))Z"
    }
}
