/// When the requests to one HTTPS server may start, so that they share its connections where it speaks HTTP/2.
///
/// libcurl puts requests on a connection while the server allows more streams there. What is more than that gets a
/// connection each, even while one with room for all is just being made (seen with 7.88: 300 connections for 500
/// requests). So a request only starts when there is a stream for it, or alone, as the one that opens a connection.
struct ConnectionSharing<Request: Hashable> {
    /// RFC 9113 §6.5.2 recommends that servers allow no fewer streams on a connection.
    static var usualStreams: Int { 100 }

    private enum Place: Hashable {
        case opening
        /// On the connection with this local port.
        case connection(Int)
    }

    private var waiting: [Request] = []
    private var places: [Request: Place] = [:]
    private var opening = 0
    /// The streams in use on each connection.
    private var streams: [Int: Int] = [:]
    private var streamLimit = Self.usualStreams
    /// Whether the server speaks HTTP/2; `nil` until a connection stands.
    private var isShared: Bool?

    /// Whether nothing is to be remembered.
    var isEmpty: Bool { waiting.isEmpty && places.isEmpty }

    mutating func add(_ request: Request) { waiting.append(request) }

    /// Takes the next request that is to start now.
    mutating func next() -> Request? {
        guard let request = waiting.first, mayStart else { return nil }
        waiting.removeFirst()
        places[request] = .opening
        opening += 1
        return request
    }

    private var mayStart: Bool {
        if isShared == false || opening == 0 { return true }
        return opening < room
    }

    private var room: Int { streams.values.reduce(0) { $0 + max(0, streamLimit - $1) } }

    /// A request is about to be written to a connection, for the first time or again.
    ///
    /// - Parameters:
    ///   - port: the connection's local port.
    ///   - isShared: whether it speaks HTTP/2.
    mutating func started(_ request: Request, on port: Int, isShared: Bool) {
        leave(request)
        self.isShared = isShared
        // A new connection although we count on room: the server allows fewer streams than usual.
        if streams[port] == nil, room > 0 { streamLimit = max(1, streams.values.max() ?? streamLimit) }
        places[request] = .connection(port)
        streams[port, default: 0] += 1
    }

    /// A request has ended, wherever it was.
    ///
    /// - Parameter hasFailed: whether it came to no response, for another reason than that nobody wants it any more.
    mutating func ended(_ request: Request, hasFailed: Bool) {
        let wasOpening = places[request] == .opening
        leave(request)
        waiting.removeAll { $0 == request }
        // Each hears its own error rather than waiting for its turn to hear it.
        if wasOpening, hasFailed, streams.isEmpty { isShared = false }
    }

    private mutating func leave(_ request: Request) {
        switch places.removeValue(forKey: request) {
        case .opening: opening -= 1
        case .connection(let port):
            let left = (streams[port] ?? 0) - 1
            streams[port] = left > 0 ? left : nil
        case nil: break
        }
    }
}
