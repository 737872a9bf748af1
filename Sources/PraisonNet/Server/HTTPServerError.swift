import NIOCore

/// The server can't listen where it should.
public struct HTTPServerError: Error, CustomStringConvertible {
    public let host: String
    public let port: Int
    /// What the system said.
    public let reason: String

    init(host: String, port: Int, cause: any Error) {
        self.host = host
        self.port = port
        reason = (cause as? IOError).map { systemMessage($0.errnoCode) } ?? "\(cause)"
    }

    public var description: String { "cannot listen on \(host):\(port): \(reason)" }
}
