import PraisonCore
import Synchronization

/// A hub whose turns run when the test says so: it keeps what clients said, and speaks through the plane's adapter.
final class FakeHub: Hub {
    private struct State {
        var accepted: [GatewayEvent] = []
        var seen: Set<EventID> = []
        var busy: Set<Conversation> = []
        var stops: [(Conversation, Bool)] = []
        var stopResult = StoppedTurns(turnAborted: false, pendingCancelled: 0)
        var unanswered: [GatewayEvent] = []
        var outcomes: [EventID: TurnOutcome] = [:]
        var isDraining = false
        var waiters: [(id: Int, count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var nextID = 0
        var changes: [String] = []
        var history = SessionHistory()
    }

    struct Draining: Error {}

    let directory = AgentDirectory()
    let events = EventFeed()
    private let state = Mutex(State())

    init(
        agents: [AgentDescription] = [
            AgentDescription(name: "assistant", summary: "helps with everything", model: "offline/demo"),
            AgentDescription(name: "streamer", model: "acme/large"),
        ]
    ) {
        for agent in agents { directory.add(SilentAgent(name: agent.name), agent) }
    }

    /// What answers is the test.
    private struct SilentAgent: Agent {
        let name: AgentName
        func reply(
            to turn: Turn, emit: @escaping @Sendable (ReplyPart) async throws -> Void
        ) async throws -> Reply { Reply(text: "") }
    }

    // MARK: For the test

    var accepted: [GatewayEvent] { state.withLock { $0.accepted } }

    /// The `count`th event accepted so far, once there is one.
    func event(_ count: Int = 1) async -> GatewayEvent {
        guard let event = await nextEvent(count) else {
            return GatewayEvent(
                type: .error, payload: .fields([:]), id: "none", timestamp: Timestamp(seconds: 0), source: "")
        }
        return event
    }

    /// The same; `nil` when the waiting task is cancelled.
    func nextEvent(_ count: Int) async -> GatewayEvent? {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.accepted.count >= count || Task.isCancelled { return true }
                    state.waiters.append((id, count, continuation))
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            state.withLock { state in
                let waiter = state.waiters.first { $0.id == id }
                state.waiters.removeAll { $0.id == id }
                return waiter?.continuation
            }?.resume()
        }
        return state.withLock { $0.accepted.count >= count ? $0.accepted[count - 1] : nil }
    }

    func setBusy(_ conversation: Conversation, _ isBusy: Bool = true) {
        state.withLock { state in
            if isBusy { state.busy.insert(conversation) } else { state.busy.remove(conversation) }
        }
    }

    func setStopResult(_ result: StoppedTurns) { state.withLock { $0.stopResult = result } }
    func setUnanswered(_ events: [GatewayEvent]) { state.withLock { $0.unanswered = events } }
    func setOutcome(_ outcome: TurnOutcome, of event: EventID) { state.withLock { $0.outcomes[event] = outcome } }
    func setDraining(_ isDraining: Bool = true) { state.withLock { $0.isDraining = isDraining } }
    func setHistory(_ messages: [ChatMessage]) { state.withLock { $0.history = SessionHistory(messages: messages) } }
    var stops: [(Conversation, Bool)] { state.withLock { $0.stops } }
    var changes: [String] { state.withLock { $0.changes } }

    // MARK: Hub

    func accept(_ events: [GatewayEvent]) async throws -> Set<EventID> {
        let (fresh, waiters) = try state.withLock { state in
            if state.isDraining { throw Draining() }
            let fresh = events.filter { state.seen.insert($0.id).inserted }
            state.accepted += fresh
            let ready = state.waiters.filter { $0.count <= state.accepted.count }.map(\.continuation)
            state.waiters.removeAll { $0.count <= state.accepted.count }
            return (fresh, ready)
        }
        for waiter in waiters { waiter.resume() }
        return Set(fresh.map(\.id))
    }

    func isBusy(_ conversation: Conversation) async -> Bool { state.withLock { $0.busy.contains(conversation) } }

    func stop(_ conversation: Conversation, includingQueued: Bool) async -> StoppedTurns {
        state.withLock { state in
            state.stops.append((conversation, includingQueued))
            return state.stopResult
        }
    }

    func unanswered(in conversation: Conversation, limit: Int) async throws -> [GatewayEvent] {
        state.withLock { $0.unanswered.filter { $0.message?.conversation == conversation } }
    }

    func outcome(of event: EventID) async throws -> TurnOutcome? { state.withLock { $0.outcomes[event] } }

    func history(of session: SessionKey, limit: Int) async throws -> SessionHistory { state.withLock { $0.history } }

    static let knocker = PairingRequest(
        channel: "house", sender: Sender(id: "42", username: "ada", displayName: "Ada"), code: "ABCD2345",
        requestedAt: Timestamp(seconds: 1), expiresAt: Timestamp(seconds: 3601))

    func pendingPairings() async throws -> [PairingRequest] { [Self.knocker] }

    func approvePairing(channel: ChannelName, code: String) async throws -> PairingRequest? {
        channel == Self.knocker.channel && code == Self.knocker.code ? Self.knocker : nil
    }

    func revokePairing(channel: ChannelName, sender: SenderID) async throws -> Bool {
        channel == Self.knocker.channel && sender == Self.knocker.sender.id
    }

    func pause(_ channel: ChannelName) async -> ChannelChange { change("pause", channel) }
    func resume(_ channel: ChannelName) async -> ChannelChange { change("resume", channel) }
    func reconnect(_ channel: ChannelName) async -> ChannelChange { change("reconnect", channel) }

    private func change(_ word: String, _ channel: ChannelName) -> ChannelChange {
        state.withLock { $0.changes.append("\(word) \(channel)") }
        return channel == "house"
            ? ChannelChange(isDone: true, message: "\(word)d house")
            : ChannelChange(isDone: false, message: "there is no channel \(channel)")
    }

    func status() async -> GatewayStatus {
        GatewayStatus(
            startedAt: Timestamp(seconds: 1_767_225_600), isDraining: state.withLock { $0.isDraining },
            channels: [
                GatewayStatus.Channel(
                    name: "house", platform: "acme", health: .receiving,
                    lastInboundAt: Timestamp(seconds: 1_767_225_601))
            ])
    }
}
