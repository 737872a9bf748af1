import Synchronization

/// Hands values from a channel's event loop to the one task that serves the connection.
///
/// A lock and not an actor: the event loop must put values in, and learn that there is no more room, without waiting.
final class Mailbox<Element: Sendable>: Sendable {
    fileprivate struct State {
        var values: [(value: Element, weight: Int)] = []
        /// The values before it have been taken.
        var head = 0
        var weight = 0
        var isFinished = false
        var waiting: CheckedContinuation<Element?, Never>?
    }

    private let capacity: Int
    /// Called after a value was taken and there is room again.
    private let onRoom: @Sendable () -> Void
    private let state = Mutex(State())

    /// - Parameter capacity: the weight from which on the box is full. It takes more all the same; whoever fills it
    ///   asks ``isFull`` first.
    init(capacity: Int = 1, onRoom: @escaping @Sendable () -> Void = {}) {
        self.capacity = capacity
        self.onRoom = onRoom
    }

    var isFull: Bool { state.withLock { $0.weight >= capacity } }

    /// - Returns: whether it was taken in, which after ``finish()`` it is not.
    @discardableResult
    func put(_ value: Element, weight: Int = 1) -> Bool {
        let (isTaken, waiting) = state.withLock { state -> (Bool, CheckedContinuation<Element?, Never>?) in
            guard !state.isFinished else { return (false, nil) }
            if let waiting = state.waiting {
                state.waiting = nil
                return (true, waiting)
            }
            state.values.append((value, weight))
            state.weight += weight
            return (true, nil)
        }
        waiting?.resume(returning: value)
        return isTaken
    }

    /// No value follows; those that are here can still be taken.
    func finish() {
        let waiting = state.withLock { state in
            state.isFinished = true
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(returning: nil)
    }

    /// The next value, or `nil` at the end or once the task is cancelled. One task at a time.
    func next() async -> Element? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (value, hasRoom) = state.withLock { $0.take(orWait: continuation, capacity: capacity) }
                if let value { continuation.resume(returning: value) }
                if hasRoom { onRoom() }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                defer { state.waiting = nil }
                return state.waiting
            }
            waiting?.resume(returning: nil)
        }
    }
}

extension Mailbox.State {
    /// - Returns: what to resume with, if it needs no waiting, and whether this has made room.
    fileprivate mutating func take(
        orWait continuation: CheckedContinuation<Element?, Never>, capacity: Int
    ) -> (value: Element??, hasRoom: Bool) {
        // The cancellation handler has run before, or will find the continuation.
        if Task.isCancelled { return (.some(nil), false) }
        guard head < values.count else {
            if isFinished { return (.some(nil), false) }
            precondition(waiting == nil, "two tasks take from one mailbox")
            waiting = continuation
            return (nil, false)
        }
        let (value, taken) = values[head]
        head += 1
        if head == values.count {
            (values, head) = ([], 0)
        } else if head >= 64, 2 * head >= values.count {
            values.removeFirst(head)
            head = 0
        }
        let wasFull = weight >= capacity
        weight -= taken
        return (value, wasFull && weight < capacity)
    }
}
