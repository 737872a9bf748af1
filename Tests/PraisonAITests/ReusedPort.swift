import Glibc

/// A port that a test listens on twice.
struct ReusedPort {
    /// Below those that the system gives to whoever names none.
    let number = Int.random(in: 20_000...30_000)

    /// Returns once nobody listens on it. Between fork and exec, a process that another test starts holds for a moment
    /// whatever is open in this one.
    func released() async throws {
        while !isFree {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    private var isFree: Bool {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(socket) }
        // As servers do; only another listener is in the way then.
        var isReusable: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &isReusable, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(number).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
