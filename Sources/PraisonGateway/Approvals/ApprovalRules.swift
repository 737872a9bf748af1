import PraisonCore

/// Who may answer whether a tool may run, on the channels of a gateway.
struct ApprovalRules: Sendable {
    let desks: [ChannelName: ChannelDesk]

    /// Whether `sender` may answer on `channel`: administrators and approvers may there, and trusted people for themselves.
    func mayAnswer(_ sender: SenderID, on channel: ChannelName, _ request: ApprovalRequest) -> Bool {
        guard request.conversation.channel == channel, let desk = desks[channel] else { return false }
        let settings = desk.settings.approvals
        if desk.policy.isAdministrator(sender) || settings.approvers.contains(sender, on: channel) { return true }
        return request.sender.id == sender && (request.trust == .trusted || settings.everybodyForThemselves)
    }

    /// Whom to ask where whoever uses the tool may not answer, the owner first.
    func approvers(on channel: ChannelName) -> [SenderID] {
        guard let desk = desks[channel] else { return [] }
        let access = desk.settings.access
        let listed = desk.settings.approvals.approvers.sorted().compactMap { person -> SenderID? in
            let parts = person.split(separator: "/", maxSplits: 1)
            guard parts.count == 2 else { return SenderID(person) }
            return parts[0] == channel.rawValue ? SenderID(String(parts[1])) : nil
        }
        var people: [SenderID] = []
        for person in [access.owner].compactMap({ $0 }) + listed
            + access.adminUsers.sorted(by: { $0.rawValue < $1.rawValue })
        where !people.contains(person) {
            people.append(person)
        }
        return people
    }
}
