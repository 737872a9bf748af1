import PraisonCore
import Testing

@testable import PraisonGateway

@Suite struct `a built-in command` {
    @Test func `is what the adapter found, or a slash and its name`() {
        #expect(BuiltInCommand.parse(.make("/stop"))?.command == .stop)
        #expect(BuiltInCommand.parse(.make("/Resume 2"))?.command == .resume)
        #expect(BuiltInCommand.parse(.make("/Resume 2"))?.arguments == "2")
        #expect(BuiltInCommand.parse(.make("/help@bot", command: .init(name: "help")))?.command == .help)
        #expect(BuiltInCommand.parse(.make("stop")) == nil)
        #expect(BuiltInCommand.parse(.make("/stopped")) == nil)
    }

    @Test func `takes arguments where it can do something with them`() {
        #expect(
            BuiltInCommand.announced.filter(\.takesArguments).map(\.name) == [
                "resume", "approve", "deny", "usage", "forget",
            ])
    }

    @Test func `is shown with what may follow it`() {
        let all = BuiltInCommand.overview(of: BuiltInCommand.allCases, isAdministrator: true)
        for line in ["/forget NUMBER|all – ", "/resume NUMBER – ", "/usage agents|channels|", "/help – "] {
            #expect(all.contains("\n\(line)"), "\(line)")
        }
        #expect(BuiltInCommand.overview(of: [.usage], isAdministrator: false).contains("/usage – "))
    }

    @Test func `is not mentioned to those who may not give it`() {
        let some = BuiltInCommand.overview(of: [.help, .new, .resume], isAdministrator: false)
        #expect(some.contains("/new – starts a fresh conversation; /resume brings") && !some.contains("/sessions"))
        #expect(!BuiltInCommand.overview(of: [.help, .new], isAdministrator: false).contains("/resume"))
    }

    @Test func `is not given by forwarding or editing one`() {
        var forwarded = InboundMessage.make("/stop")
        forwarded.forwardedFrom = "Ben"
        #expect(BuiltInCommand.parse(forwarded) == nil)
        #expect(BuiltInCommand.parse(.make("/stop", kind: .edit)) == nil)
    }
}
