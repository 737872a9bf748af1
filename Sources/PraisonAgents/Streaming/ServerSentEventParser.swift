/// Turns the bytes of a `text/event-stream` into events, however they are cut.
///
/// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream. Lines are split at
/// CR and LF bytes only, since U+2028 and U+0085 are ordinary characters in JSON text.
struct ServerSentEventParser {
    struct Event: Hashable, Sendable {
        /// `message` unless the server names it.
        var type: String
        /// Several `data:` lines are joined with LF.
        var data: [UInt8]
        var id: String?
    }

    enum Failure: Error, Hashable {
        /// A line or an event is longer than the limit, in bytes.
        case tooLong(limit: Int)
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private let limit: Int
    private var line: [UInt8] = []
    /// A CR ended the last line; an LF right after it belongs to the same line end, even in the next read.
    private var skipsLineFeed = false
    private var isFirstLine = true
    private var type: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var lastID: String?
    /// Lines from the first that opens a JSON object instead of naming a field: what no event stream may hold, and what
    /// servers write into one all the same when they fail.
    private(set) var stray: [UInt8] = []

    /// - Parameter limit: bytes of the longest line and of the largest event.
    init(limit: Int = 4 << 20) { self.limit = limit }

    /// Takes the next bytes and returns the events they complete.
    mutating func feed(_ bytes: [UInt8]) throws(Failure) -> [Event] {
        var events: [Event] = []
        var start = bytes.startIndex
        if skipsLineFeed, let first = bytes.first {
            skipsLineFeed = false
            if first == Self.lineFeed { start += 1 }
        }
        while let end = bytes[start...].firstIndex(where: { $0 == Self.lineFeed || $0 == Self.carriageReturn }) {
            try append(bytes[start..<end])
            if let event = try endLine() { events.append(event) }
            start = end + 1
            guard bytes[end] == Self.carriageReturn else { continue }
            if start == bytes.endIndex {
                skipsLineFeed = true
            } else if bytes[start] == Self.lineFeed {
                start += 1
            }
        }
        try append(bytes[start...])
        return events
    }

    /// The event that the end of the stream cut off, if there is one. The specification discards it; servers that
    /// forget the last blank line are too common for that, so the caller decides by whether its data makes sense.
    mutating func finish() throws(Failure) -> Event? {
        let event = line.isEmpty ? nil : try endLine()
        return event ?? dispatch()
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) throws(Failure) {
        guard line.count + bytes.count <= limit else { throw .tooLong(limit: limit) }
        line += bytes
    }

    private mutating func endLine() throws(Failure) -> Event? {
        defer { line.removeAll(keepingCapacity: true) }
        var content = line[...]
        if isFirstLine {
            isFirstLine = false
            if content.starts(with: Self.byteOrderMark) { content = content.dropFirst(3) }
        }
        guard let first = content.first else { return dispatch() }
        if first == UInt8(ascii: ":") { return nil }
        let colon = content.firstIndex(of: UInt8(ascii: ":"))
        var value = colon.map { content[($0 + 1)...] } ?? []
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        let isField = try takeField(content[..<(colon ?? content.endIndex)], value)
        if !isField, first == UInt8(ascii: "{") || !stray.isEmpty, stray.count + content.count < limit {
            stray += content + [Self.lineFeed]
        }
        return nil
    }

    /// - Returns: whether the specification knows a field of that name.
    private mutating func takeField(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) throws(Failure) -> Bool {
        if name.elementsEqual("data".utf8) {
            guard data.count + value.count < limit else { throw .tooLong(limit: limit) }
            if hasData { data.append(Self.lineFeed) }
            data += value
            hasData = true
        } else if name.elementsEqual("event".utf8) {
            type = Array(value)
        } else if name.elementsEqual("id".utf8), !value.contains(0) {
            lastID = String(decoding: value, as: UTF8.self)
        } else {
            return name.elementsEqual("retry".utf8) || name.elementsEqual("id".utf8)
        }
        return true
    }

    private mutating func dispatch() -> Event? {
        defer {
            type.removeAll(keepingCapacity: true)
            data = []
            hasData = false
        }
        guard hasData else { return nil }
        let name = type.isEmpty ? "message" : String(decoding: type, as: UTF8.self)
        return Event(type: name, data: data, id: lastID)
    }
}
