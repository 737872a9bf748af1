import PraisonCore
import PraisonGateway
import Testing

@Suite struct `an access policy` {
    private func decide(
        _ settings: AccessSettings, _ message: InboundMessage, isPaired: Bool = false
    ) -> AccessPolicy.Decision {
        AccessPolicy(settings).decide(message, isPaired: isPaired)
    }

    private func isIgnored(_ decision: AccessPolicy.Decision, because words: String) -> Bool {
        if case .ignore(let reason) = decision { reason.contains(words) } else { false }
    }

    @Test func `lets strangers in as untrusted while nobody is listed`() {
        #expect(decide(AccessSettings(), .make()) == .answer(trust: .untrusted))
    }

    @Test func `keeps strangers out as soon as somebody is listed or owns the bot`() {
        for settings in [AccessSettings(owner: "eve"), AccessSettings(allowedUsers: ["eve"])] {
            #expect(isIgnored(decide(settings, .make()), because: "not allowed"))
        }
    }

    @Test func `knows its owner, its administrators, its users and those it paired`() {
        let settings = AccessSettings(owner: "ada", adminUsers: ["bob"], allowedUsers: ["cleo"], allowlist: ["dan"])
        #expect(decide(settings, .make(sender: "ada")) == .answer(trust: .trusted))
        #expect(decide(settings, .make(sender: "bob")) == .answer(trust: .trusted))
        #expect(decide(settings, .make(sender: "cleo")) == .answer(trust: .standard))
        #expect(decide(settings, .make(sender: "dan")) == .answer(trust: .standard))
        #expect(decide(settings, .make(sender: "eve"), isPaired: true) == .answer(trust: .standard))
    }

    @Test func `offers pairing in a direct message only`() {
        let settings = AccessSettings(unknownUserPolicy: .pair)
        #expect(decide(settings, .make()) == .pair)
        #expect(isIgnored(decide(settings, .make(scope: .group, mentionsBot: true)), because: "not paired"))
    }

    @Test func `puts the blocklist before everything`() {
        let settings = AccessSettings(owner: "ada", blocklist: ["ada"])
        #expect(isIgnored(decide(settings, .make()), because: "blocklist"))
    }

    @Test func `listens in a group only when it is called`() {
        let settings = AccessSettings()
        #expect(isIgnored(decide(settings, .make(scope: .group)), because: "not addressed"))
        let called: [InboundMessage] = [
            .make(scope: .group, mentionsBot: true),
            .make(scope: .group, command: .init(name: "help")),
            .make(scope: .group, reply: .init(id: "7", isToBot: true)),
        ]
        for message in called { #expect(decide(settings, message) == .answer(trust: .untrusted)) }
        #expect(
            isIgnored(decide(settings, .make(scope: .group, reply: .init(id: "7"))), because: "not addressed"))
    }

    @Test func `answers people on the allowlist in a group without being called, unless it only observes`() {
        var settings = AccessSettings(allowedUsers: ["cleo"], allowlist: ["dan"], groupPolicy: .commandOnly)
        #expect(decide(settings, .make(scope: .group, sender: "dan")) == .answer(trust: .standard))
        #expect(isIgnored(decide(settings, .make(scope: .group, sender: "cleo")), because: "not addressed"))
        settings.groupPolicy = .observe
        #expect(isIgnored(decide(settings, .make(scope: .group, sender: "dan")), because: "not addressed"))
    }

    @Test(arguments: [
        (AccessSettings.GroupPolicy.respondAll, false, false, true),
        (.mentionOnly, true, false, true), (.mentionOnly, false, true, true), (.mentionOnly, false, false, false),
        (.commandOnly, true, false, false), (.commandOnly, false, true, true),
        (.observe, true, true, false),
    ])
    func `follows its group policy`(
        _ policy: AccessSettings.GroupPolicy, mention: Bool, command: Bool, isAnswered: Bool
    ) {
        let message = InboundMessage.make(
            scope: .group, mentionsBot: mention, command: command ? .init(name: "help") : nil)
        let decision = decide(AccessSettings(groupPolicy: policy), message)
        #expect((decision == .answer(trust: .untrusted)) == isAnswered)
    }

    @Test func `takes a broadcast's posts as meant for it`() {
        #expect(decide(AccessSettings(), .make(scope: .channel)) == .answer(trust: .untrusted))
    }

    @Test func `stays within its allowed conversations, direct messages excepted`() {
        let settings = AccessSettings(allowedChannels: ["-1"], groupPolicy: .respondAll)
        #expect(decide(settings, .make(scope: .group, chat: "-1")) == .answer(trust: .untrusted))
        #expect(isIgnored(decide(settings, .make(scope: .group, chat: "-2")), because: "allowed_channels"))
        #expect(decide(settings, .make(scope: .dm)) == .answer(trust: .untrusted))
    }

    @Test func `does not talk to bots, to itself through edits, or to nobody`() {
        let settings = AccessSettings()
        #expect(isIgnored(decide(settings, .make(isBot: true)), because: "bot"))
        #expect(decide(AccessSettings(allowBots: true), .make(isBot: true)) == .answer(trust: .untrusted))
        #expect(isIgnored(decide(settings, .make(kind: .edit)), because: "edit"))
        #expect(isIgnored(decide(settings, .make(" \n")), because: "empty"))
    }

    @Test func `leaves ordinary users only the commands listed for them`() {
        let policy = AccessPolicy(AccessSettings(owner: "ada", userAllowedCommands: ["help"]))
        #expect(policy.allows("help", by: "bob") && !policy.allows("status", by: "bob"))
        #expect(policy.allows("status", by: "ada"))
    }
}
