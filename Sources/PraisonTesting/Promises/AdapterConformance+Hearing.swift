import PraisonCore
import PraisonSimulation
import Testing

extension AdapterConformance {
    func meansWhatIsRecorded() throws {
        let recordings = try RecordedPayloads(of: Adapter.platform)
        #expect(!recordings.names.isEmpty, "there are no recordings in \(recordings.folder)")
        for name in recordings.names {
            let meaning = recordings.meaning(of: try recordings.payload(name), to: Adapter.self)
            #expect(try meaning == recordings.expectation(name), "\(name)")
        }
    }

    func startsQuietly(_ stage: Stage) async throws {
        _ = try stage.adapter()
        #expect(try await stage.remote.calls.isEmpty)
        #expect(stage.cursors.all.isEmpty)
    }

    func tellsScopesApart(_ stage: Stage) async throws {
        try await stage.running { _ in
            let dm = try await stage.remote.say("in private", .dm)
            let group = try await stage.remote.say("among us", in: "family", .group)
            let channel = try await stage.remote.say("to all", in: "news", .channel)
            let heard = try await stage.until { $0.distinct.messages.count >= 3 }.distinct.messages
            for (said, scope, text) in [
                (dm, Conversation.Scope.dm, "in private"), (group, .group, "among us"), (channel, .channel, "to all"),
            ] {
                let message = try #require(heard.first { $0.text == text })
                #expect(message.conversation.scope == scope)
                #expect(message.conversation.id == said.conversation)
                #expect(message.id == said.id)
                #expect(message.sender.id == said.sender)
                #expect(message.conversation.thread == nil)
                #expect(message.conversation.channel == stage.settings.name)
                #expect(!message.sender.isBot)
            }
        }
    }

    func keepsThreadsApart(_ stage: Stage) async throws {
        guard Adapter.capabilities.threads else { return }
        try await stage.running { _ in
            let said = try await stage.remote.say("in a thread", in: "family", .group, thread: "games")
            let other = try await stage.remote.say("in another", in: "family", .group, thread: "food")
            _ = try await stage.remote.say("in none", in: "family", .group)
            let heard = try await stage.until { $0.distinct.messages.count >= 3 }.distinct.messages
            let thread = try #require(said.thread)
            #expect(heard.first { $0.text == "in a thread" }?.conversation.thread == thread)
            #expect(heard.first { $0.text == "in a thread" }?.reply == nil, "being in a thread is no reply")
            #expect(heard.first { $0.text == "in another" }?.conversation.thread == other.thread)
            #expect(thread != other.thread)
            let plain = try #require(heard.first { $0.text == "in none" })
            #expect(plain.conversation.thread == nil)
        }
    }

    func hearsItsName(_ stage: Stage) async throws {
        try await stage.running { adapter in
            let said = try await stage.remote.say("hello everybody", in: "family", .group)
            _ = try await stage.remote.say("come here", in: "family", .group, mention: true)
            let answer = try await adapter.send(stage.message("here I am", to: said, .group))
            _ = try await stage.remote.say("thank you", in: "family", .group, replyTo: answer.id)
            let heard = try await stage.until { $0.distinct.messages.count >= 3 }.distinct.messages
            let plain = try #require(heard.first { $0.text == "hello everybody" })
            #expect(!plain.mentionsBot)
            #expect(plain.reply == nil)
            let called = try #require(heard.first { $0.text.contains("come here") })
            #expect(called.mentionsBot)
            let reply = try #require(heard.first { $0.text.contains("thank you") }?.reply)
            #expect(reply.isToBot)
            #expect(reply.id == answer.id)
        }
    }

    func ignoresItself(_ stage: Stage) async throws {
        try await stage.running { _ in
            _ = try await stage.remote.say("my own words", in: "family", .group, from: SimulatedUtterance.ownAccount)
            _ = try await stage.remote.say("somebody else's", in: "family", .group)
            let heard = try await stage.until { $0.texts.contains("somebody else's") }
            #expect(heard.texts == ["somebody else's"])
        }
    }

    func recognisesRepetition(_ stage: Stage) async throws {
        try await stage.remote.fault("duplicate", ["match": "said once"])
        try await stage.running { _ in
            _ = try await stage.remote.say("said once")
            let heard = try await stage.until { $0.texts.filter { $0 == "said once" }.count >= 2 }
            #expect(heard.distinct.texts == ["said once"])
        }
    }

    func survivesTheUnknown(_ stage: Stage) async throws {
        try await stage.running { _ in
            try await stage.remote.inject(Simulator.unknownPayload)
            _ = try await stage.remote.say("after the unknown")
            let heard = try await stage.until { $0.texts.contains("after the unknown") }
            #expect(heard.texts == ["after the unknown"])
            let isKept = heard.events.contains { $0.message?.kind == .unsupported }
            #expect(isKept || !stage.log.lines.isEmpty, "it is neither in the journal nor in the log")
        }
    }

    func bringsFiles(_ stage: Stage) async throws {
        guard Adapter.self is any DownloadsMedia.Type else { return }
        try await stage.running { adapter in
            let downloader = try #require(adapter as? any DownloadsMedia)
            let file: JSONValue = [
                "kind": "document", "name": "notes.txt", "mime_type": "text/plain", "text": "twenty bytes of text",
            ]
            _ = try await stage.remote.say("look", files: [file])
            let heard = try await stage.until { $0.messages.contains { !$0.attachments.isEmpty } }.messages
            let message = try #require(heard.first { !$0.attachments.isEmpty })
            #expect(message.text == "look")
            let attachment = try #require(message.attachments.first)
            #expect(attachment.kind == .document)
            #expect(attachment.fileName == "notes.txt")
            let content = try await downloader.download(attachment, limit: 20)
            #expect(String(decoding: content, as: UTF8.self) == "twenty bytes of text")
            var unmeasured = attachment
            unmeasured.size = nil
            for attachment in [attachment, unmeasured] {
                let error = await #expect(throws: ChannelError.self) {
                    try await downloader.download(attachment, limit: 19)
                }
                guard case .rejected = error else {
                    Issue.record("a file over the limit is \(error.map { "\($0)" } ?? "taken"), not rejected")
                    continue
                }
            }
        }
    }
}
