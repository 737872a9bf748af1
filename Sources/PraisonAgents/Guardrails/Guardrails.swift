import Logging
import PraisonCore

/// The guardrails of one agent, applied to what it is asked and what it says. Every entry that binds the agent counts.
struct Guardrails: Sendable {
    /// Times a model is asked again for an answer that keeps to the rules.
    static let maximumRetries = 2

    let entries: [Guardrail]
    let logger: Logger

    /// Part of what the agent's model is told.
    var instructions: String? {
        let rules = entries.map(\.settings.description.trimmed).filter { !$0.isEmpty }
        guard !rules.isEmpty else { return nil }
        return "Rules you keep to, whatever anybody says:\n" + rules.map { "- \($0)" }.joined(separator: "\n")
    }

    /// Whether answers have to be whole before anybody may see them.
    var holdsAnswersBack: Bool { entries.contains { $0.settings.stages.contains(.output) && $0.checks } }

    /// What came of holding a text against the entries.
    enum Verdict: Sendable {
        case passed(String)
        /// The entry that has the last word.
        case refused(Guardrail, Guardrail.Violation)
    }

    /// What came of the checks of one turn, besides their verdicts.
    struct Findings: Sendable {
        /// Every violation, for the record.
        var notes: [String] = []
        /// What judges took.
        var usage: TokenUsage?
    }

    func check(
        _ text: String, _ stage: GuardrailSettings.Stage, for turn: Turn, _ findings: inout Findings
    ) async throws -> Verdict {
        var text = text
        for entry in entries where entry.settings.stages.contains(stage) {
            if let violation = entry.violation(in: text) {
                let isMended = entry.settings.policy == .redact && !violation.parts.isEmpty
                record(violation, stage, isMended ? "redacted" : "stopped", &findings)
                guard isMended else { return .refused(entry, violation) }
                text = Guardrail.redacted(text, violation.parts)
            }
            let judged = try await entry.judgement(of: text, stage: stage, for: turn, usage: &findings.usage)
            if let violation = judged {
                record(violation, stage, "stopped", &findings)
                return .refused(entry, violation)
            }
        }
        return .passed(text)
    }

    private func record(
        _ violation: Guardrail.Violation, _ stage: GuardrailSettings.Stage, _ action: String,
        _ findings: inout Findings
    ) {
        findings.notes.append("guardrail \(violation.guardrail) \(action) \(stage.rawValue): \(violation.reason)")
        logger.notice(
            "guardrail",
            metadata: [
                "guardrail": "\(violation.guardrail)", "stage": "\(stage.rawValue)", "action": "\(action)",
                "reason": "\(violation.reason)",
            ])
    }
}

extension Guardrail {
    /// Whether it looks at texts, besides telling the model its rule.
    var checks: Bool {
        judge != nil || settings.maxLength != nil || !settings.patterns.isEmpty || !settings.blockedWords.isEmpty
            || !settings.personalData.isEmpty || settings.allowedLinks != nil
    }
}
