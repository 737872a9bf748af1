import PraisonCore
import PraisonSimulation
import PraisonTesting
import Testing

@testable import DiscordAdapter

@Suite struct `what a dispatch means` {
    private func message(_ name: String) throws -> InboundMessage {
        try #require(try Fixtures.events(name).first?.message, "\(name)")
    }

    @Test func `a reply pings, but does not call by name`() throws {
        let reply = try message("reply_to_bot")
        #expect(!reply.mentionsBot)
        #expect(reply.reply?.isToBot == true)
        #expect(try message("reply_to_person").reply?.isToBot == false)
    }

    @Test func `the bot's own role calls it, others and everyone do not`() throws {
        #expect(try message("group_mention_of_own_role").mentionsBot)
        #expect(try !message("group_mention_of_another_role").mentionsBot)
        #expect(try !message("group_mention_of_everyone").mentionsBot)
    }

    @Test(arguments: [true, false])
    func `everyone calls the bot only where that is wanted`(isWanted: Bool) async throws {
        var stage = DiscordStage()
        stage.options["everyone_mentions"] = .bool(isWanted)
        let eager = stage
        try await eager.running { _ in
            try eager.say("@everyone look", in: "general", .group)
            let heard = try await eager.until { $0.texts.contains("@everyone look") }
            #expect(heard.messages.first { $0.text == "@everyone look" }?.mentionsBot == isWanted)
        }
    }

    @Test func `what programs show in a frame is their text, where they write nothing else`() throws {
        #expect(try message("webhook_with_embeds_only").text == "Build 42 failed\n2 of 118 tests\nsee the log")
        #expect(try message("webhook_with_text_and_embed").text == "deployed")
    }

    @Test func `a role is called by its name, where that is known`() throws {
        #expect(try message("group_mention_of_own_role").text == "@sim_bot wake up")
        #expect(try message("group_mention_of_another_role").text == "@role wake up")
        var directory = ChannelDirectory()
        let roles = #"[{"id":"740000000000000001","name":"helpers"}]"#
        directory.learn(roles: try JSONDocument(parsing: roles), of: "7", own: nil)
        let update = #"{"guild_id":"7","role":{"id":"740000000000000002","name":"night watch"}}"#
        directory.learn("GUILD_ROLE_CREATE", try JSONDocument(parsing: update), own: nil)
        directory.learn(
            "GUILD_ROLE_DELETE", try JSONDocument(parsing: #"{"guild_id":"7","role_id":"740000000000000001"}"#),
            own: nil)
        let reader = ContentReader(reader: DispatchReader(receiver: Fixtures.receiver, directory: directory))
        let text = #"{"content":"<@&740000000000000001> and <@&740000000000000002>"}"#
        #expect(reader.read(try JSONDocument(parsing: text)).text == "@role and @night watch")
    }

    @Test func `a thread and a forum's post belong to their parent`() throws {
        let forum = try #require(try Fixtures.events("forum_post").last?.message?.conversation)
        #expect(forum.id == "710000000000000003")
        #expect(forum.thread != nil)
        #expect(try message("thread_message").conversation.id == "710000000000000001")
    }

    @Test func `only a real edit is one`() throws {
        #expect(try message("edit").kind == .edit)
        #expect(try Fixtures.events("edit_is_only_an_unfurl").isEmpty)
        #expect(try Fixtures.events("edit_partial_unfurl").isEmpty)
    }

    @Test func `its own words and reactions are nobody's news`() throws {
        for name in ["own_message", "own_followup_by_webhook", "reaction_by_bot_itself"] {
            #expect(try Fixtures.events(name).isEmpty, "\(name)")
        }
    }

    @Test func `a server that is out of order has not put the bot out`() throws {
        #expect(try Fixtures.events("server_out_of_order").isEmpty)
        #expect(try message("bot_put_out").kind == .leave)
    }

    @Test func `mentions are read as names, and keep their numbers`() throws {
        let text = try message("group_mention_of_others")
        #expect(text.text == "@ben see #710000000000000002 :wave: :dance: <t:1767571200:R> a < b > c")
        let mention = try #require(text.entities.first)
        #expect(mention.value == "200000000000000002")
        #expect(mention.length == 4)
    }
}
