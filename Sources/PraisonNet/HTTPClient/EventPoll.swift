import CCurl
import Glibc

/// epoll, with an eventfd so that other threads can end a wait.
final class EventPoll: Sendable {
    private let epoll = praison_epoll_create()
    private let alarm = praison_eventfd_create()

    /// - Precondition: the process has two file descriptors left.
    init() {
        precondition(epoll >= 0 && alarm >= 0, "no file descriptor left for the HTTP client's event loop")
        praison_epoll_watch(epoll, alarm, 1, 0)
    }

    deinit {
        close(epoll)
        close(alarm)
    }

    /// Ends a wait, or the next one if nobody waits now. From any thread.
    func wake() {
        var one: UInt64 = 1
        write(alarm, &one, MemoryLayout.size(ofValue: one))
    }

    func watch(_ descriptor: Int32, reading: Bool, writing: Bool) {
        praison_epoll_watch(epoll, descriptor, reading ? 1 : 0, writing ? 1 : 0)
    }

    func forget(_ descriptor: Int32) {
        praison_epoll_forget(epoll, descriptor)
    }

    /// Waits for something to happen, at most until `deadline`; `nil` waits for ever.
    ///
    /// - Parameter handle: gets each ready descriptor and its `CURL_CSELECT` flags.
    func wait(
        until deadline: ContinuousClock.Instant?, into events: inout [epoll_event],
        _ handle: (_ descriptor: Int32, _ ready: Int32) -> Void
    ) {
        let count = epoll_wait(epoll, &events, Int32(events.count), Self.milliseconds(until: deadline))
        // A signal counts as nothing ready.
        for event in events.prefix(Int(max(count, 0))) {
            if event.data.fd == alarm {
                var rung: UInt64 = 0
                read(alarm, &rung, MemoryLayout.size(ofValue: rung))
            } else {
                handle(event.data.fd, praison_epoll_select(event))
            }
        }
    }

    /// Rounded up, so that a wait does not end just before its deadline and spins.
    private static func milliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
        guard let deadline else { return -1 }
        let left = deadline - .now
        return left <= .zero ? 0 : Int32(clamping: left.inMilliseconds + 1)
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var inMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? (seconds < 0 ? .min : .max) / 2 : whole + attoseconds / 1_000_000_000_000_000
    }
}
