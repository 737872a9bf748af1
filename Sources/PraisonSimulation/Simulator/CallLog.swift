public import PraisonCore
import Synchronization

/// Every request a simulated platform received, in order; the newest ten thousand.
public final class CallLog: Sendable {
    public struct Entry: Hashable, Sendable {
        public var name: String
        public var parameters: [String: JSONValue]
        public var at: Timestamp
        /// What was answered; `nil` while it is still being answered, or when the asker went away first.
        public var status: Int?
        /// The fault that befell it.
        public var fault: String?

        var json: JSONValue {
            [
                "call": .string(name), "parameters": .object(parameters), "at": JSONValue(at.seconds),
                "status": status.map { JSONValue($0) } ?? nil, "fault": JSONValue(fault),
            ]
        }
    }

    private struct State {
        var entries: [Entry] = []
        var forgotten = 0
    }

    static let capacity = 10_000
    /// Longer texts are remembered by their beginning; UTF-8 bytes.
    static let textLimit = 16 << 10

    private let state = Mutex(State())

    init() {}

    public var entries: [Entry] { state.withLock { Array($0.entries.suffix(Self.capacity)) } }

    func begin(_ call: some SimulatedCall, at time: Timestamp) -> Int {
        let entry = Entry(name: call.name, parameters: call.parameters.mapValues(Self.shortened), at: time)
        return state.withLock { state in
            state.entries.append(entry)
            // In large steps, since taking from the front moves all the rest.
            if state.entries.count >= Self.capacity * 2 {
                state.entries.removeFirst(Self.capacity)
                state.forgotten += Self.capacity
            }
            return state.forgotten + state.entries.count - 1
        }
    }

    func end(_ number: Int, status: Int?, fault: String?) {
        state.withLock { state in
            let index = number - state.forgotten
            guard state.entries.indices.contains(index) else { return }
            state.entries[index].status = status
            state.entries[index].fault = fault
        }
    }

    func reset() {
        state.withLock { state in
            state.forgotten += state.entries.count
            state.entries = []
        }
    }

    private static func shortened(_ value: JSONValue) -> JSONValue {
        guard let text = value.string, text.utf8.count > textLimit else { return value }
        return .string(String(text.prefix(textLimit / 4)) + "…")
    }
}
