import PraisonCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A server's certificate and private key, as files in PEM format.
///
/// Files that are replaced are noticed with the next connection, within a second; connections that are open keep what
/// they were opened with. A pair that does not fit, as between the replacement of the one and the other, leaves the
/// earlier in use.
public final class TLSConfiguration: Sendable {
    private struct State {
        var context: TLSContext
        var stamps: [FileStamp]
        var checked: ContinuousClock.Instant
    }

    public let certificate: String
    public let privateKey: String
    private let state: Mutex<State>

    /// Reads and checks both files.
    ///
    /// - Parameters:
    ///   - certificate: the path of the certificate, followed by those of the authorities between it and the root.
    ///   - privateKey: the path of its key, without a passphrase.
    public init(certificate: String, privateKey: String) throws(TLSConfigurationError) {
        self.certificate = certificate
        self.privateKey = privateKey
        let stamps = [FileStamp(certificate), FileStamp(privateKey)]
        let context = try TLSContext.server(certificate: certificate, privateKey: privateKey)
        state = Mutex(State(context: context, stamps: stamps, checked: .now))
    }

    /// Reads both files again, for connections to come.
    public func reload() throws(TLSConfigurationError) {
        let stamps = [FileStamp(certificate), FileStamp(privateKey)]
        // Remembered first: what can't be used now is not tried again before it changes.
        state.withLock { $0.stamps = stamps }
        let context = try TLSContext.server(certificate: certificate, privateKey: privateKey)
        state.withLock { $0.context = context }
    }

    /// What the next connection uses, after a look at whether the files have changed.
    func current(now: ContinuousClock.Instant = .now, onFailure: (TLSConfigurationError) -> Void) -> TLSContext {
        let stamps = state.withLock { state -> [FileStamp]? in
            guard now - state.checked >= .seconds(1) else { return nil }
            state.checked = now
            return state.stamps
        }
        if let stamps, stamps != [FileStamp(certificate), FileStamp(privateKey)] {
            do { try reload() } catch { onFailure(error) }
        }
        return state.withLock { $0.context }
    }
}

/// What tells a file from the one that was there before.
private struct FileStamp: Equatable {
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int
    private let nanoseconds: Int

    init(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            (inode, size, seconds, nanoseconds) = (0, 0, 0, 0)
            return
        }
        (inode, size) = (UInt64(status.st_ino), Int64(status.st_size))
        (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }
}

/// A certificate or key that can't be used: which file, and what is wrong with it.
public struct TLSConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    public let file: String
    public let reason: String
    /// Whether it is the key's file and not the certificate's.
    public let isPrivateKey: Bool

    public var description: String { "\(file): \(reason)" }
}
