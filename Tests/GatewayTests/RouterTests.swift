import PraisonCore
import PraisonGateway
import Testing

@Suite struct `a router` {
    private func route(_ routing: Routing, _ message: InboundMessage, target: String? = nil) -> Router.Route? {
        Router(routing).route(for: .make(message, target: target))
    }

    @Test func `follows the table and falls back to its default`() {
        let routing = Routing(byScope: [.dm: "support", .group: "sales"], fallback: "vip")
        #expect(route(routing, .make(scope: .dm))?.agent == "support")
        #expect(route(routing, .make(scope: .group))?.agent == "sales")
        #expect(route(routing, .make(scope: .channel))?.agent == "vip")
        #expect(route(routing, .make(scope: .channel))?.rule == "routing.default")
    }

    @Test func `has no answer where the table has none`() {
        #expect(route(Routing(byScope: [.dm: "support"]), .make(scope: .group)) == nil)
    }

    @Test func `gives the event's own target precedence, also one that is away`() {
        let routing = Routing(fallback: "support")
        #expect(route(routing, .make(), target: "sales")?.agent == "sales")
        #expect(route(routing, .make(), target: "far")?.agent == "far")
    }

    @Test func `prefers the most specific binding, and priority before that`() {
        let person = Routing.Binding(agent: "vip", peer: "ada")
        let kind = Routing.Binding(agent: "sales", chatType: .dm)
        #expect(route(Routing(fallback: "support", bindings: [kind, person]), .make())?.agent == "vip")
        let urgent = Routing.Binding(agent: "sales", chatType: .dm, priority: 1)
        #expect(route(Routing(fallback: "support", bindings: [person, urgent]), .make())?.agent == "sales")
        let twins = [kind, Routing.Binding(agent: "vip", chatType: .dm)]
        #expect(route(Routing(bindings: twins), .make())?.rule == "binding 1")
    }

    @Test func `asks all criteria of a binding`() {
        let binding = Routing.Binding(agent: "vip", peer: "ada", channelID: "-1", threadID: "9")
        let routing = Routing(fallback: "support", bindings: [binding])
        #expect(route(routing, .make(chat: "-1", thread: "9"))?.agent == "vip")
        #expect(route(routing, .make(chat: "-1"))?.agent == "support")
        #expect(route(routing, .make(chat: "-1", thread: "9", sender: "bob"))?.agent == "support")
    }

    @Test func `never matches a criterion the platform tells nothing about`() {
        let routing = Routing(fallback: "support", bindings: [.init(agent: "vip", role: "admin")])
        #expect(route(routing, .make())?.agent == "support")
    }

    @Test func `matches the server, the sender's roles there, and threads of a chat`() {
        let routing = Routing(
            fallback: "support",
            bindings: [
                .init(agent: "vip", role: "admin"), .init(agent: "guild", guildID: "g1"),
                .init(agent: "threads", parentChannelID: "-1"),
            ])
        var message = InboundMessage.make(chat: "-2")
        message.membership = .init(server: "g1", roles: ["17", "admin"])
        #expect(route(routing, message)?.agent == "vip")
        message.membership = .init(server: "g1", roles: ["17"])
        #expect(route(routing, message)?.agent == "guild")
        message.membership = .init(server: "g2")
        #expect(route(routing, message)?.agent == "support")
        #expect(route(routing, .make(chat: "-1"))?.agent == "support")
        #expect(route(routing, .make(chat: "-1", thread: "9"))?.agent == "threads")
    }
}
