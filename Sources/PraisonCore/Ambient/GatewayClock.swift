#if canImport(Glibc)
    import Glibc
#endif

/// Time, lent to whoever needs it, so that a test can hold it still.
public protocol GatewayClock: Sendable {
    /// The time on the calendar. It may jump.
    var now: Timestamp { get }
    /// Time that only goes forward, since an arbitrary start.
    var uptime: Duration { get }
    /// Returns after `duration`, or throws `CancellationError` at once when the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The machine's own time.
public struct SystemClock: GatewayClock {
    private let start = ContinuousClock.now

    public init() {}

    public var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    public var uptime: Duration { ContinuousClock.now - start }

    public func sleep(for duration: Duration) async throws {
        try await ContinuousClock().sleep(for: duration)
    }
}

/// Thrown by ``withTimeout(_:clock:_:)`` when time is up.
public struct TimeoutError: Error, Equatable {
    public let limit: Duration
    public init(limit: Duration) { self.limit = limit }
}

/// Runs `work`, and cancels it and throws ``TimeoutError`` once `limit` has passed.
public func withTimeout<Value: Sendable>(
    _ limit: Duration, clock: any GatewayClock, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await clock.sleep(for: limit)
            throw TimeoutError(limit: limit)
        }
        defer { group.cancelAll() }
        // The group holds two tasks, so there is a first result.
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
