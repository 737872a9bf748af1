#if canImport(Glibc)
    import Glibc
#endif

/// Standard output and standard error, in whole lines, and the way out.
enum Console {
    enum Stream: Int32 {
        case output = 1
        case error = 2

        var isTerminal: Bool { isatty(rawValue) == 1 }
    }

    /// Has writing to a reader that went away fail instead of killing the process.
    static func prepare() { signal(SIGPIPE, SIG_IGN) }

    /// Writes `text` and a line break.
    static func write(_ text: String, to stream: Stream = .output) { put(text + "\n", to: stream) }

    /// Writes `text` as it is, at once. What cannot be written is lost: there is nobody left to tell.
    static func put(_ text: String, to stream: Stream = .output) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(stream.rawValue, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }

    /// What went wrong, where people look for it.
    static func complain(_ message: String) {
        guard !message.isEmpty else { return }
        write(Paint(.error).red("Error:") + " " + message, to: .error)
    }

    static func exit(_ status: CommandFailure.Status) -> Never { Glibc.exit(status.rawValue) }

    /// Whether a person types the input and reads the output.
    static var isInteractive: Bool { isAttended && Stream.output.isTerminal }

    /// Whether a person types the input.
    static var isAttended: Bool { isatty(STDIN_FILENO) == 1 }

    /// Columns of the terminal; 80 where there is none, so that what is piped looks the same everywhere.
    static var columns: Int {
        var size = winsize()
        guard ioctl(Stream.output.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40 else { return 80 }
        return Int(size.ws_col)
    }
}
