import PraisonCore
import PraisonGateway
import Testing

@Suite struct `a channel's description` {
    private func describe(
        routing: Routing = Routing(fallback: "personal"), access: AccessSettings = AccessSettings()
    ) -> ChannelDescription {
        ChannelDescription(
            ChannelSettings(name: "house", platform: "test", routing: routing, access: access),
            agents: ["personal", "support"])
    }

    @Test func `tells the routing table in one line`() {
        #expect(describe().routing == "all → personal")
        let routing = Routing(
            byScope: [.dm: "personal", .group: "support"], fallback: "personal", bindings: [.init(agent: "support")])
        #expect(describe(routing: routing).routing == "dm → personal, group → support, else personal; 1 binding")
        #expect(describe(routing: Routing()).routing == "nobody answers")
    }

    @Test func `says plainly that everybody may speak, and what to set`() {
        let open = describe()
        #expect(open.access == "everybody (strangers are untrusted)")
        #expect(open.warnings.count == 1)
        #expect(open.warnings.first?.contains("anybody who finds house can talk to it") == true)
        #expect(describe(access: AccessSettings(unknownUserPolicy: .allow)).warnings.isEmpty)
    }

    @Test func `counts those who may speak, without naming them`() {
        let some = AccessSettings(owner: "ada", allowedUsers: ["ada", "bob"], allowlist: ["cleo"], blocklist: ["dan"])
        #expect(describe(access: some).access == "owner ada, 2 people listed; others are ignored; 1 person blocked")
        let pairing = AccessSettings(allowedUsers: ["bob"], unknownUserPolicy: .pair)
        #expect(describe(access: pairing).access == "1 person listed; others by pairing code")
    }

    @Test func `tells when it listens in groups`() {
        #expect(describe().groups == "in groups when called")
        let some = AccessSettings(allowedChannels: ["1", "2"], groupPolicy: .respondAll)
        #expect(describe(access: some).groups == "in 2 listed groups to every message")
    }

    @Test func `warns of routes to nowhere and of channels nobody can use`() {
        let lost = describe(routing: Routing(fallback: "nobody"), access: AccessSettings(unknownUserPolicy: .deny))
        #expect(lost.warnings.contains("house routes to nobody, and there is no such agent"))
        #expect(lost.warnings.contains { $0.hasPrefix("nobody can talk to house") })
        #expect(describe(routing: Routing()).warnings.contains { $0.hasPrefix("no agent answers on house") })
    }
}
