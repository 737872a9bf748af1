import PraisonCore

/// Finds the chunks in the body of an answer, whatever the server made of the request: an event stream, one JSON
/// object although a stream was asked for, a web page.
///
/// The body's first character decides, not `Content-Type`, which proxies get wrong.
struct ChatAnswerReader {
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
        case whole, page
    }

    /// Bytes of an answer that comes in one piece.
    private static let maximumWhole = 16 << 20
    /// Bytes of an unexpected body that go into the error.
    private static let maximumHead = 2000

    private let contentType: String
    private var form = Form.undecided
    private var buffer: [UInt8] = []
    private var head: [UInt8] = []
    private var chunks = 0

    init(contentType: String?) { self.contentType = contentType ?? "no content type" }

    /// Whether the answer came as one JSON object rather than a stream.
    var isWhole: Bool { if case .whole = form { true } else { false } }

    mutating func feed(_ bytes: [UInt8]) throws -> [Item] {
        head += bytes.prefix(max(Self.maximumHead - head.count, 0))
        switch form {
        case .undecided:
            buffer += bytes
            guard let decided = Self.form(of: buffer) else { return [] }
            form = decided
            guard case .events = decided else { return [] }
            defer { buffer = [] }
            return try parse(buffer)
        case .events: return try parse(bytes)
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
        case .whole: return [.chunk(try wholeDocument(key: key))]
        case .events(var parser):
            var items: [Item] = []
            // The end may have cut the last event; only one that is whole counts.
            if let event = try? parser.finish(), let item = try? item(for: event) { items.append(item) }
            guard chunks > 0 || !items.isEmpty || isOnlyComments else {
                throw ModelError(
                    .transient, detail: "the server sent neither JSON nor an event stream (\(described(key)))")
            }
            return items
        }
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

    private static func form(of bytes: [UInt8]) -> Form? {
        var rest = bytes[...]
        if bytes.first == 0xEF {
            guard bytes.count >= 3 else { return nil }
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        }
        switch rest.first(where: { $0 > 0x20 }) {
        case nil: return nil
        case UInt8(ascii: "{"), UInt8(ascii: "["): return .whole
        case UInt8(ascii: "<"): return .page
        default: return .events(ServerSentEventParser())
        }
    }
}
