import PraisonCore
import PraisonGateway
import Testing

@Suite struct `a built-in command` {
    @Test func `is what the adapter found, or a slash and its name`() {
        #expect(BuiltInCommand.parse(.make("/stop"))?.command == .stop)
        #expect(BuiltInCommand.parse(.make("/Resume 2"))?.command == .resume)
        #expect(BuiltInCommand.parse(.make("/Resume 2"))?.arguments == "2")
        #expect(BuiltInCommand.parse(.make("/help@bot", command: .init(name: "help")))?.command == .help)
        #expect(BuiltInCommand.parse(.make("stop")) == nil)
        #expect(BuiltInCommand.parse(.make("/stopped")) == nil)
    }

    @Test func `is not given by forwarding or editing one`() {
        var forwarded = InboundMessage.make("/stop")
        forwarded.forwardedFrom = "Ben"
        #expect(BuiltInCommand.parse(forwarded) == nil)
        #expect(BuiltInCommand.parse(.make("/stop", kind: .edit)) == nil)
    }
}
