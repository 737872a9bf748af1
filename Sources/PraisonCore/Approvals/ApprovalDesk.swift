public import Logging
import Synchronization

/// The gateway's open approvals: agents ask here, people are asked wherever they are, and the first answer counts.
///
/// Nothing of it outlives the process: a turn that was waiting is run again after a restart, and asks anew. What has been
/// allowed once and for all is kept, see ``allowList``.
public actor ApprovalDesk: Approvals {
    /// Requests open at once.
    public static let maximumOpen = 1000

    public nonisolated let allowList: AllowList
    private let clock: any GatewayClock
    private let entropy: any Entropy
    private let logger: Logger
    private let presenters = Mutex<[any ApprovalPresenter]>([])
    private var open: [ApprovalRequest.ID: Open] = [:]

    private struct Open {
        var request: ApprovalRequest
        var decision: ApprovalDecision?
        var asker: CheckedContinuation<ApprovalDecision, Never>?
    }

    /// - Parameter cursors: where the allow-list outlives the process; `nil` for memory only.
    public init(cursors: (any CursorStore)?, clock: any GatewayClock, entropy: any Entropy, logger: Logger) {
        allowList = AllowList(cursors, clock: clock, logger: logger)
        self.clock = clock
        self.entropy = entropy
        self.logger = logger
    }

    /// Shows requests in one more place from now on.
    public nonisolated func add(_ presenter: any ApprovalPresenter) {
        presenters.withLock { $0.append(presenter) }
    }

    /// The requests that wait for an answer, oldest first.
    public var pending: [ApprovalRequest] {
        open.values.filter { $0.decision == nil }.map(\.request)
            .sorted { ($0.askedAt, $0.id) < ($1.askedAt, $1.id) }
    }

    /// Answers a request.
    ///
    /// - Returns: the request; `nil` when it is unknown, answered already, or over.
    @discardableResult
    public func resolve(_ id: ApprovalRequest.ID, _ decision: ApprovalDecision) -> ApprovalRequest? {
        guard let asked = open[id], asked.decision == nil else { return nil }
        open[id]?.decision = decision
        open[id]?.asker = nil
        asked.asker?.resume(returning: decision)
        return asked.request
    }

    public func decision(
        on call: ToolCall, by agent: AgentName, during turn: Turn, within limit: Duration
    ) async throws -> ApprovalDecision {
        if let grant = await allowList.grant(for: call, by: agent) { return .allowed(by: grant.approver) }
        guard open.count < Self.maximumOpen else {
            return .denied(by: "gateway", reason: "\(open.count) tools wait for somebody's approval already")
        }
        let request = ApprovalRequest(
            id: entropy.uuid(), agent: agent, tool: call.name, arguments: call.arguments,
            conversation: turn.conversation, sender: turn.sender, trust: turn.trust, turn: turn.id, askedAt: clock.now,
            expiresAt: clock.now + limit)
        open[request.id] = Open(request: request)
        let presenters = presenters.withLock { $0 }
        let decision = await answer(to: request, shownBy: presenters, within: limit)
        open[request.id] = nil
        let isStopped = Task.isCancelled
        for presenter in presenters { await presenter.withdraw(request, isStopped ? nil : decision) }
        try Task.checkCancellation()
        log(request, decision)
        return decision
    }

    private func answer(
        to request: ApprovalRequest, shownBy presenters: [any ApprovalPresenter], within limit: Duration
    ) async -> ApprovalDecision {
        await withTaskGroup(of: ApprovalDecision?.self) { [clock] group in
            group.addTask { await self.resolution(of: request.id) }
            group.addTask {
                try? await clock.sleep(for: limit)
                await self.resolve(request.id, .expired)
                return nil
            }
            for presenter in presenters {
                group.addTask {
                    await presenter.present(request)
                    return nil
                }
            }
            var decision = ApprovalDecision.expired
            for await case let answer? in group {
                decision = answer
                group.cancelAll()
            }
            return decision
        }
    }

    private func resolution(of id: ApprovalRequest.ID) async -> ApprovalDecision {
        await withCheckedContinuation { continuation in
            guard let asked = open[id], asked.decision == nil else {
                continuation.resume(returning: open[id]?.decision ?? .expired)
                return
            }
            open[id]?.asker = continuation
        }
    }

    private func log(_ request: ApprovalRequest, _ decision: ApprovalDecision) {
        logger.notice(
            "approval",
            metadata: [
                "tool": "\(request.tool)", "agent": "\(request.agent)", "turn": "\(request.turn)",
                "decision": "\(decision)",
            ])
    }
}
