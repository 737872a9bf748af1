import CCurl
import PraisonCore
import Synchronization

/// The thread all transfers run on, and the way to it from everywhere else.
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
        if let multi = CurlMulti(configuration, poll) {
            while takeCommands(multi) { multi.turn() }
            multi.cancelAll(Self.shutDown)
        }
        let (commands, waiters) = inbox.withLock { inbox in
            inbox.hasStopped = true
            defer { (inbox.commands, inbox.stopWaiters) = ([], []) }
            return (inbox.commands, inbox.stopWaiters)
        }
        for case .start(let transfer) in commands { Self.refuse(transfer) }
        for waiter in waiters { waiter.resume() }
    }

    /// - Returns: whether to go on.
    private func takeCommands(_ multi: CurlMulti) -> Bool {
        let commands: [Command]? = inbox.withLock { inbox in
            if inbox.isStopping { return nil }
            defer { inbox.commands.removeAll(keepingCapacity: true) }
            return inbox.commands
        }
        guard let commands else { return false }
        for command in commands {
            switch command {
            case .start(let transfer): multi.start(transfer)
            case .resume(let transfer): multi.resume(transfer)
            case .cancel(let transfer): multi.cancel(transfer)
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
