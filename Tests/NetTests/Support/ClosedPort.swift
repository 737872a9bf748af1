import Glibc

/// A port of 127.0.0.1 on which nobody answers for as long as this exists: taken, so that no other server gets it, and
/// never listened on.
final class ClosedPort {
    struct Failure: Error { let code: Int32 }

    let number: Int
    private let socket: Int32

    init() throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw Failure(code: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = socket
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(socket, generic, size) == 0 ? getsockname(socket, generic, &size) : -1
            }
        }
        guard result == 0 else {
            close(socket)
            throw Failure(code: errno)
        }
        number = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(socket) }
}
