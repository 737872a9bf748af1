import PraisonCore
import Testing

@testable import DiscordAdapter

@Suite struct `what is known of a sender on a server` {
    private func membership(_ message: String) throws -> InboundMessage.Membership? {
        var directory = ChannelDirectory()
        let roles = #"[{"id":"740000000000000001","name":"helpers"}]"#
        directory.learn(roles: try JSONDocument(parsing: roles), of: "7", own: nil)
        return DispatchReader(receiver: Fixtures.receiver, directory: directory)
            .membership(in: try JSONDocument(parsing: message))
    }

    @Test func `is the server, and the roles by number and by name`() throws {
        let member = #"{"guild_id":"7","member":{"roles":["740000000000000001","740000000000000002"]}}"#
        #expect(
            try membership(member)
                == .init(server: "7", roles: ["740000000000000001", "740000000000000002", "helpers"]))
        #expect(try membership(#"{"guild_id":"7"}"#) == .init(server: "7"))
    }

    @Test func `is nothing in private`() throws {
        #expect(try membership(#"{"member":{"roles":["1"]}}"#) == nil)
    }

    @Test func `comes with messages and with commands`() throws {
        for name in ["group_text", "slash_command"] {
            let events = try Fixtures.events(name)
            #expect(events.first?.message?.membership?.server.isEmpty == false, "\(name)")
        }
    }
}
