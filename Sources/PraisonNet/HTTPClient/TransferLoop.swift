import CCurl
import PraisonCore
import Synchronization

/// The thread all transfers run on, and the way to it from everywhere else.
///
/// What may be held back has a multi handle of its own, without HTTP/2. libcurl cannot be relied on to hold back one of
/// a connection's streams: it keeps up to 32 MB of each, copies that again and again, and now and then all of them
/// stand still (seen with 7.88; its issues 10988, 16280 and 16955). And one handle cannot speak both versions with a
/// server: it remembers for the server whether connections are shared.
final class TransferLoop: Sendable {
    enum Command: Sendable {
        case start(Transfer)
        case resume(Transfer)
        case cancel(Transfer)
    }

    private struct Inbox {
        var commands: [Command] = []
        var isStopping = false
        var hasStopped = false
        var stopWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private let inbox = Mutex(Inbox())
    private let poll = EventPoll()

    init(_ configuration: CurlHTTPClient.Configuration) {
        _ = curlIsReady
        startThread(named: "http-client") { [self] in run(configuration) }
    }

    /// Commands are carried out in their order, except after ``stop()``.
    func send(_ command: Command) {
        let (isFirst, isTooLate) = inbox.withLock { inbox in
            if inbox.hasStopped { return (false, true) }
            inbox.commands.append(command)
            return (inbox.commands.count == 1, false)
        }
        if isTooLate, case .start(let transfer) = command { Self.refuse(transfer) }
        if isFirst { poll.wake() }
    }

    /// Ends all transfers and the thread.
    func stop() {
        inbox.withLock { $0.isStopping = true }
        poll.wake()
    }

    /// Waits until the thread has ended.
    func stopped() async {
        await withCheckedContinuation { waiter in
            let hasStopped = inbox.withLock { inbox in
                if !inbox.hasStopped { inbox.stopWaiters.append(waiter) }
                return inbox.hasStopped
            }
            if hasStopped { waiter.resume() }
        }
    }

    // MARK: On the thread

    private func run(_ configuration: CurlHTTPClient.Configuration) {
        var streaming = configuration
        streaming.offersHTTP2 = false
        if let whole = CurlMulti(configuration, poll), let streamed = CurlMulti(streaming, poll) {
            let multis = [whole, streamed]
            var events = [epoll_event](repeating: epoll_event(), count: 256)
            while takeCommands({ $0.sink.mayBeFull ? streamed : whole }) {
                for multi in multis { multi.startWaiting() }
                poll.wait(until: multis.compactMap(\.due).min(), into: &events) { socket, ready in
                    for multi in multis { multi.act(on: socket, ready) }
                }
                for multi in multis { multi.actOnTime() }
            }
            for multi in multis { multi.cancelAll(Self.shutDown) }
        }
        let (commands, waiters) = inbox.withLock { inbox in
            inbox.hasStopped = true
            defer { (inbox.commands, inbox.stopWaiters) = ([], []) }
            return (inbox.commands, inbox.stopWaiters)
        }
        for case .start(let transfer) in commands { Self.refuse(transfer) }
        for waiter in waiters { waiter.resume() }
    }

    /// - Parameter multi: the handle that a transfer belongs on.
    /// - Returns: whether to go on.
    private func takeCommands(_ multi: (Transfer) -> CurlMulti) -> Bool {
        let commands: [Command]? = inbox.withLock { inbox in
            if inbox.isStopping { return nil }
            defer { inbox.commands.removeAll(keepingCapacity: true) }
            return inbox.commands
        }
        guard let commands else { return false }
        for command in commands {
            switch command {
            case .start(let transfer): multi(transfer).start(transfer)
            case .resume(let transfer): multi(transfer).resume(transfer)
            case .cancel(let transfer): multi(transfer).cancel(transfer)
            }
        }
        return true
    }

    private static let shutDown = "the HTTP client was shut down"

    private static func refuse(_ transfer: Transfer) {
        transfer.sink.end(transfer.error(.cancelled, shutDown))
    }
}

/// libcurl is initialised once per process.
private let curlIsReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
