import PraisonCore
import Synchronization

/// Gathers a response for somebody who wants it as a whole.
final class WholeResponse: ResponseSink {
    private struct State {
        var status = 0
        var headers = HTTPHeaders()
        var body: [UInt8] = []
        var waiter: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>?
    }

    private let state = Mutex(State())

    let mayBeFull = false

    /// Starts the transfer and waits for its end.
    func result(of start: () -> Void) async -> Result<HTTPResponse, HTTPError> {
        await withCheckedContinuation { waiter in
            state.withLock { $0.waiter = waiter }
            start()
        }
    }

    func begin(status: Int, headers: HTTPHeaders) {
        state.withLock { state in
            state.status = status
            state.headers = headers
            // A hint only: what a server announces is not allocated unseen.
            let length = headers["Content-Length"].flatMap { Int($0) } ?? 0
            state.body.reserveCapacity(min(max(length, 0), 1 << 20))
        }
    }

    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        state.withLock { $0.body.append(contentsOf: bytes) }
        return true
    }

    func end(_ error: HTTPError?) {
        let state = state.withLock { state in
            defer { state = State() }
            return state
        }
        let response = HTTPResponse(status: state.status, headers: state.headers, body: .bytes(state.body))
        // Outside the lock: resuming may run the waiting task at once.
        state.waiter?.resume(returning: error.map { .failure($0) } ?? .success(response))
    }
}
