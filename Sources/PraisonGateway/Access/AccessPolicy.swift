public import PraisonCore

/// Stop 4: who may speak on a channel, and when the bot listens in a group.
public struct AccessPolicy: Sendable {
    public enum Decision: Hashable, Sendable {
        case answer(trust: Routing.Binding.Trust)
        /// Nothing is said; the reason is for the record.
        case ignore(reason: String)
        /// A stranger knocks and gets a code.
        case pair
    }

    private let settings: AccessSettings

    public init(_ settings: AccessSettings) { self.settings = settings }

    /// - Parameter isPaired: whether the sender was let in by pairing.
    public func decide(_ message: InboundMessage, isPaired: Bool) -> Decision {
        if let reason = reasonToIgnore(message) { return .ignore(reason: reason) }
        guard isAddressed(message) else {
            return .ignore(reason: "not addressed to the bot (group_policy: \(settings.groupPolicy.rawValue))")
        }
        let sender = message.sender.id
        if sender == settings.owner || settings.adminUsers.contains(sender) { return .answer(trust: .trusted) }
        let isListed = settings.allowedUsers.contains(sender) || settings.allowlist.contains(sender)
        // Nobody can be listed in a broadcast, where everybody writes as the channel: listing the place stands for it.
        let isListedPlace =
            message.conversation.scope == .channel && settings.allowedChannels.contains(message.conversation.id)
        if isListed || isListedPlace || isPaired { return .answer(trust: .standard) }
        switch settings.effectiveUnknownUserPolicy {
        case .allow: return .answer(trust: .untrusted)
        case .deny: return .ignore(reason: "sender \(sender) is not allowed (unknown_user_policy: deny)")
        case .pair where message.conversation.scope == .dm: return .pair
        case .pair: return .ignore(reason: "sender \(sender) is not paired; pairing starts in a direct message")
        }
    }

    /// Whether the sender may give orders that ordinary people may not.
    public func isAdministrator(_ sender: SenderID) -> Bool {
        sender == settings.owner || settings.adminUsers.contains(sender)
    }

    /// Whether the sender may give this built-in command.
    public func allows(_ command: String, by sender: SenderID) -> Bool {
        guard let allowed = settings.userAllowedCommands, !isAdministrator(sender) else { return true }
        return allowed.contains(command)
    }

    private func reasonToIgnore(_ message: InboundMessage) -> String? {
        switch message.kind {
        case .message, .callback: break
        case .unsupported: return "a kind of update this build does not know: \(message.text)"
        default: return "\(message.kind.rawValue): recorded, not answered"
        }
        if message.text.allSatisfy(\.isWhitespace), message.attachments.isEmpty { return "empty message" }
        if settings.blocklist.contains(message.sender.id) { return "sender \(message.sender.id) is on the blocklist" }
        if message.sender.isBot, message.conversation.scope != .channel, !settings.allowBots {
            return "written by a bot (allow_bots: false)"
        }
        let isPlace = message.conversation.scope != .dm
        if isPlace, !settings.allowedChannels.isEmpty, !settings.allowedChannels.contains(message.conversation.id) {
            return "conversation \(message.conversation.id) is not in allowed_channels"
        }
        return nil
    }

    /// In a broadcast every post is for the bot that was made its administrator; a group also talks to itself. People on
    /// the allowlist need not call the bot.
    private func isAddressed(_ message: InboundMessage) -> Bool {
        guard message.conversation.scope != .dm, message.kind != .callback else { return true }
        if settings.groupPolicy != .observe, settings.allowlist.contains(message.sender.id) { return true }
        return switch settings.groupPolicy {
        case .respondAll: true
        case .observe: false
        case .commandOnly: message.command != nil
        case .mentionOnly:
            message.conversation.scope == .channel || message.mentionsBot || message.command != nil
                || message.reply?.isToBot == true
        }
    }
}
