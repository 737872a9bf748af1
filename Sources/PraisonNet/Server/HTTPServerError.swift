import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

/// The server can't listen where it should.
public struct HTTPServerError: Error, CustomStringConvertible {
    public let host: String
    public let port: Int
    /// What the system said.
    public let reason: String
    /// Whether somebody else listens there, so that it may work later or on another port. Otherwise the address is none
    /// of this machine's, or may not be used.
    public let isTaken: Bool

    init(host: String, port: Int, cause: any Error) {
        self.host = host
        self.port = port
        let number = (cause as? IOError)?.errnoCode
        isTaken = number == EADDRINUSE
        reason =
            switch (cause, number) {
            case (_, let number?): systemMessage(number)
            case (is SocketAddressError.UnknownHost, _): "no such host is known"
            default: "\(cause)"
            }
    }

    public var description: String { "cannot listen on \(host):\(port): \(reason)" }
}
