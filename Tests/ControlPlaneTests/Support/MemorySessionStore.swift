import PraisonCore
import Synchronization

/// Keeps sessions as a store does, for as long as the test lasts.
final class MemorySessionStore: ClientSessionStore {
    struct Broken: Error {}

    private struct State {
        var sessions: [String: ClientSessionRecord] = [:]
        var isBroken = false
        var saves = 0
    }

    private let state = Mutex(State())
    private let hold = Observed(Hold())

    private struct Hold {
        var isOn = false
        var waiting = 0
    }

    /// Saves from now on wait until they are let go.
    func holdSaves(_ isOn: Bool = true) { hold.change { $0.isOn = isOn } }

    /// Returns once a save waits.
    func isHolding() async { await hold.wait { $0.waiting > 0 } }

    func setBroken(_ isBroken: Bool) { state.withLock { $0.isBroken = isBroken } }
    var saves: Int { state.withLock { $0.saves } }
    var sessions: [String: ClientSessionRecord] { state.withLock { $0.sessions } }

    func session(_ id: String) async throws -> ClientSessionRecord? {
        try state.withLock { state in
            if state.isBroken { throw Broken() }
            return state.sessions[id]
        }
    }

    func save(_ change: ClientSessionChange) async throws {
        hold.change { $0.waiting += 1 }
        await hold.wait { !$0.isOn }
        hold.change { $0.waiting -= 1 }
        try state.withLock { state in
            if state.isBroken { throw Broken() }
            state.saves += 1
            var record = change.session
            record.frames = (state.sessions[record.id]?.frames ?? []) + change.frames
            record.frames.removeAll { $0.sequence <= change.droppedThrough }
            state.sessions[record.id] = record
        }
    }

    func forgetSessions(unusedSince time: Timestamp) async throws -> Int {
        state.withLock { state in
            let before = state.sessions.count
            state.sessions = state.sessions.filter { $0.value.usedAt >= time }
            return before - state.sessions.count
        }
    }
}
