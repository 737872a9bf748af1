import PraisonCore

/// Finds the chunks in the body of an answer, whatever the server made of the request: an event stream or JSON by lines,
/// one JSON object (or an array of them) although a stream was asked for, a web page.
///
/// The body's first character decides, not `Content-Type`, which proxies get wrong.
struct AnswerReader {
    /// How a protocol cuts its streams.
    enum Framing: Sendable {
        /// `text/event-stream`.
        case events
        /// One JSON object a line.
        case lines

        /// For the request's `Accept`.
        var accepted: String {
            switch self {
            case .events: "text/event-stream, application/json"
            case .lines: "application/x-ndjson, application/json"
            }
        }
    }

    enum Item {
        case chunk(JSONDocument)
        /// What came under `event: error`.
        case failure(JSONDocument)
        /// `[DONE]`: nothing after it counts.
        case done
    }

    private enum Form {
        case undecided
        case events(ServerSentEventParser)
        case lines(JSONLineParser)
        case whole, page
    }

    /// Bytes of an answer that comes in one piece.
    private static let maximumWhole = 16 << 20
    /// Bytes of an unexpected body that go into the error.
    private static let maximumHead = 2000

    private let framing: Framing
    private let contentType: String
    private var form = Form.undecided
    private var buffer: [UInt8] = []
    private var head: [UInt8] = []
    private var chunks = 0

    init(_ framing: Framing, contentType: String?) {
        self.framing = framing
        self.contentType = contentType ?? "no content type"
    }

    /// Whether the answer came as one JSON object rather than a stream.
    var isWhole: Bool { if case .whole = form { true } else { false } }

    mutating func feed(_ bytes: [UInt8]) throws -> [Item] {
        head += bytes.prefix(max(Self.maximumHead - head.count, 0))
        return try read(bytes)
    }

    private mutating func read(_ bytes: [UInt8]) throws -> [Item] {
        switch form {
        case .undecided:
            buffer += bytes
            guard let decided = form(of: buffer) else { return [] }
            form = decided
            switch decided {
            case .whole, .page, .undecided: return []
            case .events, .lines:
                defer { buffer = [] }
                return try read(buffer)
            }
        case .events: return try parse(bytes)
        case .lines(var parser):
            defer { form = .lines(parser) }
            do {
                return try items(parser.feed(bytes))
            } catch is JSONLineParser.TooLong {
                throw ModelError(.transient, detail: "a line without end", isRetryable: false)
            }
        case .whole:
            guard buffer.count + bytes.count <= Self.maximumWhole else {
                throw ModelError(.transient, detail: "the answer is larger than 16 MiB", isRetryable: false)
            }
            buffer += bytes
            return []
        case .page: return []
        }
    }

    /// What the end of the body completes.
    ///
    /// - Parameter key: blanked in what the error quotes.
    mutating func finish(key: Secret?) throws(ModelError) -> [Item] {
        switch form {
        case .undecided: throw ModelError(.transient, detail: "the server sent an empty answer")
        case .page:
            throw ModelError(
                .invalidRequest,
                detail: "the server sent a web page instead of an answer (\(described(key))); check base_url")
        case .whole:
            let document = try wholeDocument(key: key)
            return document.kind == .array ? document.elements.map(Item.chunk) : [.chunk(document)]
        case .lines(var parser):
            let last = (try? parser.finish()).flatMap { $0 }
            if let document = last.flatMap({ try? JSONDocument(parsing: $0) }) { return [.chunk(document)] }
            guard chunks > 0 else {
                throw ModelError(.transient, detail: "the server sent no JSON (\(described(key)))")
            }
            return []
        case .events(var parser):
            var items: [Item] = []
            // The end may have cut the last event; only one that is whole counts.
            if let event = try? parser.finish(), let item = try? item(for: event) { items.append(item) }
            // Some servers break a stream off with an error that is no event at all, only JSON.
            if let stray = try? JSONDocument(parsing: parser.stray) { items.append(.chunk(stray)) }
            guard chunks > 0 || !items.isEmpty || isOnlyComments else {
                throw ModelError(
                    .transient, detail: "the server sent neither JSON nor an event stream (\(described(key)))")
            }
            return items
        }
    }

    private mutating func items(_ lines: [[UInt8]]) throws(ModelError) -> [Item] {
        var items: [Item] = []
        for line in lines {
            do {
                items.append(.chunk(try JSONDocument(parsing: line)))
            } catch {
                throw ModelError(.transient, detail: "the server sent a line that can't be read: \(error)")
            }
            chunks += 1
        }
        return items
    }

    private mutating func parse(_ bytes: [UInt8]) throws -> [Item] {
        guard case .events(var parser) = form else { return [] }
        defer { form = .events(parser) }
        do {
            var items: [Item] = []
            for event in try parser.feed(bytes) {
                guard let item = try item(for: event) else { continue }
                items.append(item)
                // What follows is never looked at, so that it can't be found broken.
                if case .done = item { break }
            }
            return items
        } catch let failure as ServerSentEventParser.Failure {
            throw ModelError(.transient, detail: "an event without end: \(failure)", isRetryable: false)
        }
    }

    private mutating func item(for event: ServerSentEventParser.Event) throws(ModelError) -> Item? {
        let data = event.data.drop { $0 <= 0x20 }
        if data.starts(with: "[DONE]".utf8) {
            chunks += 1
            return .done
        }
        // Keep-alives such as `data: ping` are nobody's answer.
        guard data.first == UInt8(ascii: "{") || event.type == "error" else { return nil }
        do {
            let document = try JSONDocument(parsing: Array(data))
            chunks += 1
            return event.type == "error" ? .failure(document) : .chunk(document)
        } catch {
            throw ModelError(.transient, detail: "the server sent a chunk that can't be read: \(error)")
        }
    }

    private func wholeDocument(key: Secret?) throws(ModelError) -> JSONDocument {
        do {
            return try JSONDocument(parsing: buffer)
        } catch {
            throw ModelError(.transient, detail: "the JSON answer can't be read: \(error) (\(described(key)))")
        }
    }

    private var isOnlyComments: Bool { head.first == UInt8(ascii: ":") }

    private func described(_ key: Secret?) -> String {
        let type = LogText.line(contentType, key: key, limit: 80)
        return "\(type): \(LogText.line(String(decoding: head, as: UTF8.self), key: key, limit: 200))"
    }

    private func form(of bytes: [UInt8]) -> Form? {
        var rest = bytes[...]
        if bytes.first == 0xEF {
            guard bytes.count >= 3 else { return nil }
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        }
        switch rest.first(where: { $0 > 0x20 }) {
        case nil: return nil
        case UInt8(ascii: "<"): return .page
        case UInt8(ascii: "{") where framing == .lines: return .lines(JSONLineParser())
        case UInt8(ascii: "{"), UInt8(ascii: "["): return .whole
        default: return .events(ServerSentEventParser())
        }
    }
}
