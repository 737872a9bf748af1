import PraisonCore
import Synchronization

/// The questions under way that programs wait for.
final class AgentCalls: Sendable {
    private struct State {
        var calls: [EventID: AgentCall] = [:]
        /// Per conversation, the one that runs first.
        var order: [Conversation: [EventID]] = [:]
        /// Those whose conversation was found idle the last time somebody looked.
        var suspects: Set<EventID> = []
    }

    private let state = Mutex(State())
    private let limit: Int
    private let byteLimit: Int
    private let abandoned: AsyncStream<Conversation>
    private let abandon: AsyncStream<Conversation>.Continuation

    init(_ server: ServerSettings) {
        limit = server.maxConnections
        byteLimit = server.maxBufferedBytes
        (abandoned, abandon) = AsyncStream.makeStream(of: Conversation.self)
    }

    var count: Int { state.withLock { $0.calls.count } }

    /// - Returns: `nil` when there are as many as there may be. When the last reference goes, so does the call; the turn
    ///   is stopped then, unless it is over.
    func begin(_ event: EventID, in conversation: Conversation) -> OpenCall? {
        let call = AgentCall(event: event, conversation: conversation, byteLimit: byteLimit)
        let isTaken = state.withLock { state in
            guard state.calls.count < limit else { return false }
            state.calls[event] = call
            state.order[conversation, default: []].append(event)
            return true
        }
        return isTaken ? OpenCall(call: call, calls: self) : nil
    }

    func call(answering event: EventID) -> AgentCall? { state.withLock { $0.calls[event] } }

    /// Whether the call's turn is the one its conversation is at.
    func isFirst(_ call: AgentCall) -> Bool { state.withLock { $0.order[call.conversation]?.first == call.event } }

    fileprivate func leave(_ call: AgentCall) {
        let wasRunning = state.withLock { state in
            state.calls[call.event] = nil
            let wasFirst = state.order[call.conversation]?.first == call.event
            state.order[call.conversation]?.removeAll { $0 == call.event }
            if state.order[call.conversation]?.isEmpty == true { state.order[call.conversation] = nil }
            return wasFirst
        }
        if call.leave(), wasRunning { abandon.yield(call.conversation) }
    }

    /// Ends calls whose turn came to an end without a word, as when their agent has gone: those whose conversation is
    /// idle for the second time.
    func endForgotten(_ hub: any Hub) async {
        let calls = state.withLock { Array($0.calls.values) }
        var idle: Set<EventID> = []
        for call in calls where await !hub.isBusy(call.conversation) { idle.insert(call.event) }
        let forgotten = state.withLock { state in
            defer { state.suspects = idle }
            return state.suspects.intersection(idle)
        }
        for call in calls where forgotten.contains(call.event) {
            call.end(
                OutboundMessage(
                    key: "\(call.event)/none", conversation: call.conversation, text: "", answers: call.event,
                    outcome: TurnOutcome(.failed, reason: "no answer", errorKind: .internal)))
        }
    }

    /// Ends all of them without an answer.
    func endAll() {
        for call in state.withLock({ Array($0.calls.values) }) { call.stop() }
    }

    /// Stops turns nobody waits for any more, until cancelled.
    func stopAbandoned(_ hub: any Hub) async {
        for await conversation in abandoned { _ = await hub.stop(conversation, includingQueued: false) }
    }
}

/// A call as long as somebody waits for it.
final class OpenCall: Sendable {
    let call: AgentCall
    private let calls: AgentCalls

    fileprivate init(call: AgentCall, calls: AgentCalls) {
        self.call = call
        self.calls = calls
    }

    deinit { calls.leave(call) }
}
