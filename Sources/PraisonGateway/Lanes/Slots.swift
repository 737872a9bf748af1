import DequeModule
import PraisonCore

/// A bounded number of turns at once, shared fairly. Lives inside an actor.
///
/// Those who wait get their turn channel by channel and agent by agent, not in the order of asking; and as long as there
/// are enough, one slot is kept for each agent that has none, so that a model that hangs keeps nobody else waiting.
struct Slots {
    /// Whose turns wait in one queue.
    struct Group: Hashable {
        var agent: AgentName
        var channel: ChannelName
    }

    private let total: Int
    private let agents: Set<AgentName>
    private(set) var taken = 0
    private var takenBy: [AgentName: Int] = [:]
    private var waiters: [Group: Deque<CheckedContinuation<Bool, Never>>] = [:]
    /// The groups that wait, the one whose turn it is first.
    private var groups: Deque<Group> = []
    private var isClosed = false

    init(_ total: Int, agents: Set<AgentName>) {
        self.total = max(total, 1)
        self.agents = agents
    }

    /// Whether a slot could be had at once and is taken now.
    mutating func takeIfFree(for group: Group) -> Bool {
        guard !isClosed, waiters[group] == nil, mayTake(group.agent) else { return false }
        take(group.agent)
        return true
    }

    /// Queues for a slot. The continuation gets whether it was taken; it is not when the slots are closed.
    mutating func wait(for group: Group, _ continuation: CheckedContinuation<Bool, Never>) {
        guard !isClosed else {
            continuation.resume(returning: false)
            return
        }
        if waiters[group] == nil { groups.append(group) }
        waiters[group, default: []].append(continuation)
    }

    /// Frees a slot, and hands out what can be had now.
    mutating func giveBack(by group: Group) {
        taken -= 1
        takenBy[group.agent, default: 1] -= 1
        var passedOver = 0
        while taken < total, passedOver < groups.count, let group = groups.popFirst() {
            guard mayTake(group.agent), let waiter = waiters[group]?.popFirst() else {
                groups.append(group)
                passedOver += 1
                continue
            }
            passedOver = 0
            if waiters[group]?.isEmpty == true { waiters[group] = nil } else { groups.append(group) }
            take(group.agent)
            waiter.resume(returning: true)
        }
    }

    /// Sends away everybody who waits or comes later.
    mutating func close() {
        isClosed = true
        for queue in waiters.values { for waiter in queue { waiter.resume(returning: false) } }
        waiters = [:]
        groups = []
    }

    private mutating func take(_ agent: AgentName) {
        taken += 1
        takenBy[agent, default: 0] += 1
    }

    private func mayTake(_ agent: AgentName) -> Bool {
        let free = total - taken
        guard free > 0, takenBy[agent, default: 0] > 0 else { return free > 0 }
        let idle = agents.lazy.filter { $0 != agent && takenBy[$0, default: 0] == 0 }.count
        return free > min(idle, total / 4)
    }
}
