import PraisonCore
import Synchronization

/// Hands a response on while it arrives, and stops the transfer while more waits than one reader takes.
final class StreamedResponse: ResponseSink {
    /// Bytes that wait for the reader before the server has to.
    static let capacity = 256 << 10

    let mayBeFull = true

    typealias Head = (status: Int, headers: HTTPHeaders)

    private struct State {
        var head: Head?
        var buffer: [UInt8] = []
        var isFull = false
        var hasEnded = false
        var error: HTTPError?
        var headWaiter: CheckedContinuation<Result<Head, HTTPError>, Never>?
        var bodyWaiter: CheckedContinuation<Result<[UInt8]?, HTTPError>, Never>?
        var endWaiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    // MARK: The reader's side

    /// Starts the transfer and waits for the head.
    func head(of start: () -> Void) async -> Result<Head, HTTPError> {
        await withCheckedContinuation { waiter in
            state.withLock { $0.headWaiter = waiter }
            start()
        }
    }

    /// All bytes that arrived since the last call, or `nil` at the end.
    ///
    /// - Parameter resume: called when the transfer stopped for want of room, of which there is now.
    func next(resume: () -> Void) async -> Result<[UInt8]?, HTTPError> {
        var wasFull = false
        let result = await withCheckedContinuation { waiter in
            let ready: Result<[UInt8]?, HTTPError>? = state.withLock { state in
                if !state.buffer.isEmpty, state.error?.reason != .cancelled {
                    wasFull = state.isFull
                    state.isFull = false
                    defer { state.buffer = [] }
                    return .success(state.buffer)
                }
                if state.hasEnded { return state.error.map { .failure($0) } ?? .success(nil) }
                guard state.bodyWaiter == nil else {
                    let detail = "two tasks read one response's body"
                    return .failure(HTTPError(.other, mayHaveReachedServer: true, detail: detail))
                }
                state.bodyWaiter = waiter
                return nil
            }
            if let ready { waiter.resume(returning: ready) }
        }
        if wasFull { resume() }
        return result
    }

    /// Waits until the transfer holds no connection any more.
    func ended(_ stop: () -> Void) async {
        await withCheckedContinuation { waiter in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.endWaiter = waiter }
                return state.hasEnded
            }
            hasEnded ? waiter.resume() : stop()
        }
    }

    // MARK: The loop's side

    func begin(status: Int, headers: HTTPHeaders) {
        let waiter = state.withLock { state in
            state.head = (status, headers)
            defer { state.headWaiter = nil }
            return state.headWaiter
        }
        waiter?.resume(returning: .success((status, headers)))
    }

    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let (isTaken, waiter) = state.withLock { state in
            guard state.buffer.count < Self.capacity else {
                state.isFull = true
                return (false, nil as CheckedContinuation<Result<[UInt8]?, HTTPError>, Never>?)
            }
            guard let waiter = state.bodyWaiter else {
                state.buffer.append(contentsOf: bytes)
                return (true, nil)
            }
            state.bodyWaiter = nil
            return (true, waiter)
        }
        waiter?.resume(returning: .success(Array(bytes)))
        return isTaken
    }

    func end(_ error: HTTPError?) {
        let (head, body, end) = state.withLock { state in
            state.hasEnded = true
            state.error = error
            defer { (state.headWaiter, state.bodyWaiter, state.endWaiter) = (nil, nil, nil) }
            return (state.headWaiter, state.bodyWaiter, state.endWaiter)
        }
        let closed = HTTPError(.closed, mayHaveReachedServer: true, detail: "the connection ended before the response")
        head?.resume(returning: .failure(error ?? closed))
        body?.resume(returning: error.map { .failure($0) } ?? .success(nil))
        end?.resume()
    }
}
