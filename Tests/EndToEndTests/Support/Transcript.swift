import Synchronization

/// What a process has written so far, for tests that wait for a word.
final class Transcript: Sendable {
    /// The process ended, or time was up, before the words came.
    struct NeverSaid: Error, CustomStringConvertible {
        var wanted: String
        var said: String
        var description: String { "never said \(wanted); what it said:\n\(said)" }
    }

    private struct Waiter {
        let id: Int
        let text: String
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var bytes: [UInt8] = []
        var isComplete = false
        var waiters: [Waiter] = []
        var cancelled: Set<Int> = []
        var nextID = 0

        func contains(_ text: String) -> Bool { String(decoding: bytes, as: UTF8.self).contains(text) }
    }

    private let state = Mutex(State())

    var text: String { String(decoding: state.withLock { $0.bytes }, as: UTF8.self) }

    func append(_ bytes: some Sequence<UInt8>) {
        let woken = state.withLock { state in
            state.bytes += bytes
            return state.waiters.filter { state.contains($0.text) }
        }
        wake(woken)
    }

    func finish() {
        let woken = state.withLock { state in
            state.isComplete = true
            return state.waiters
        }
        wake(woken)
    }

    private func wake(_ waiters: [Waiter]) {
        let ids = Set(waiters.map(\.id))
        state.withLock { $0.waiters.removeAll { ids.contains($0.id) } }
        for waiter in waiters { waiter.continuation.resume() }
    }

    /// Returns everything said once `text` is in it.
    @discardableResult
    func waitFor(_ text: String) async throws -> String {
        await wait(text)
        let said = self.text
        guard said.contains(text) else { throw NeverSaid(wanted: text, said: said) }
        return said
    }

    /// Returns everything said once the process can say no more.
    func waitForEnd() async -> String {
        // Nothing a process writes holds this character, so only the end fulfils the wait.
        await wait("\u{FFFF}")
        return text
    }

    private func wait(_ text: String) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isComplete || state.contains(text) || state.cancelled.contains(id) { return true }
                    state.waiters.append(Waiter(id: id, text: text, continuation: continuation))
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.cancelled.insert(id)
                return state.waiters.filter { $0.id == id }
            }
            wake(waiter)
        }
    }
}
