import PraisonCore

/// Asks people before a tool runs that needs their word.
struct ToolGate: Sendable {
    let agent: AgentName
    /// Who is asked; `nil` where nobody can be, and the answer is always no.
    let approvals: (any Approvals)?

    /// Why a call is not to be carried out, in words for the model; `nil` when it may be.
    ///
    /// - Throws: `CancellationError` when the turn is stopped.
    func objection(to call: ToolCall, _ rule: ToolApproval, for turn: Turn) async throws -> String? {
        guard rule.isNeeded(for: turn) else { return nil }
        guard let approvals else { return "\(call.name) needs somebody's permission, and nobody can be asked here" }
        switch try await approvals.decision(on: call, by: agent, during: turn, within: rule.timeout) {
        case .allowed: return nil
        case .denied(_, let reason):
            return "permission to use \(call.name) was denied" + (reason.map { ": \(Fence.escaped($0))" } ?? "")
                + "; do not ask for it again"
        case .expired:
            return "nobody gave permission to use \(call.name) within \(Int(rule.timeout.inSeconds)) s; say so"
        }
    }
}
