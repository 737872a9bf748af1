import Dispatch
import Synchronization

/// Standard input, a line at a time and not before somebody asks. Waits on a thread of its own.
final class LineInput: Sendable {
    private let queue = DispatchQueue(label: "praisonai.input")

    /// The next line without its break; `nil` at the end of the input, or when the waiting task is cancelled.
    func next() async -> String? {
        let answer = OneAnswer()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                answer.expect(continuation)
                queue.async { answer.give(readLine(strippingNewline: true)) }
            }
        } onCancel: {
            answer.give(nil)
        }
    }

    /// A continuation that the first of two resumes.
    private final class OneAnswer: Sendable {
        private enum State {
            case waitingForAsker
            case waiting(CheckedContinuation<String?, Never>)
            case given
        }

        private let state = Mutex(State.waitingForAsker)

        func expect(_ continuation: CheckedContinuation<String?, Never>) {
            let wasGiven = state.withLock { state in
                if case .given = state { return true }
                state = .waiting(continuation)
                return false
            }
            if wasGiven { continuation.resume(returning: nil) }
        }

        func give(_ line: String?) {
            let continuation = state.withLock { state -> CheckedContinuation<String?, Never>? in
                defer { state = .given }
                if case .waiting(let continuation) = state { return continuation }
                return nil
            }
            continuation?.resume(returning: line)
        }
    }
}
