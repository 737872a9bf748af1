import NIOCore

/// A deadline that moves often and is seldom reached: moving it later costs a comparison, not a new timer.
///
/// Used on its event loop only.
final class LazyTimer {
    private let loop: any EventLoop
    private var deadline: NIODeadline?
    private var scheduled: (at: NIODeadline, task: Scheduled<Void>)?
    private let onExpiry: () -> Void

    init(loop: any EventLoop, onExpiry: @escaping () -> Void) {
        self.loop = loop
        self.onExpiry = onExpiry
    }

    /// - Parameter duration: from now; `nil` for no deadline.
    func set(_ duration: Duration?) {
        deadline = duration.map { .now() + TimeAmount($0) }
        guard let deadline else { return }
        if let scheduled, scheduled.at <= deadline { return }
        schedule(deadline)
    }

    /// Call it before letting go: a timer that is scheduled keeps what it would call.
    func cancel() {
        deadline = nil
        scheduled?.task.cancel()
        scheduled = nil
    }

    private func schedule(_ at: NIODeadline) {
        scheduled?.task.cancel()
        let task = loop.assumeIsolated().scheduleTask(deadline: at) { self.fire() }
        scheduled = (at, task)
    }

    private func fire() {
        scheduled = nil
        guard let deadline else { return }
        if deadline > .now() {
            schedule(deadline)
        } else {
            self.deadline = nil
            onExpiry()
        }
    }
}
