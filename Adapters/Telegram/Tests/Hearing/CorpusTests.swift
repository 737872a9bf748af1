import Foundation
import PraisonCore
import PraisonSimulation
import PraisonTesting
import TelegramAdapter
import Testing

@Suite struct `recorded traffic` {
    @Test func `covers every shape there is`() throws {
        #expect(try Fixtures.names().count >= 80)
    }

    /// The corpus has no expectations beside it, so this promises what holds for every update: it is read, it names
    /// its place and sender, and its entities and identifiers are in order.
    @Test func `of the corpus is read, all of it`() throws {
        guard let corpus = try Fixtures.corpus() else {
            print("not run: PRAISON_CORPUS does not name the folder of the recorded corpus")
            return
        }
        #expect(!corpus.names.isEmpty)
        let index = try JSONDocument(
            parsing: [UInt8](Data(contentsOf: corpus.folder.appending(path: "index.json"))))
        var tags: [String: [String]] = [:]
        for entry in index.elements {
            let name = (entry["file"]?.string ?? "").replacing(".json", with: "")
            tags[name] = (entry["tags"]?.elements ?? []).compactMap(\.string)
        }
        for name in corpus.names where !name.hasPrefix("http_") {
            let payload = try corpus.payload(name)
            let events = TelegramAdapter.events(in: payload, for: Fixtures.receiver)
            let message = try #require(events.first?.message, "\(name)")
            #expect(events.count == 1, "\(name)")
            #expect(events[0].id.rawValue == "telegram/update/\(payload["update_id"]?.integer ?? 0)", "\(name)")
            #expect(!message.sender.id.rawValue.isEmpty, "\(name)")
            #expect(message.entities.allSatisfy { $0.offset + $0.length <= message.text.utf16.count }, "\(name)")
            let tags = tags[name] ?? []
            for (tag, scope) in [("dm", Conversation.Scope.dm), ("group", .group), ("channel", .channel)]
            where tags.contains(tag) {
                #expect(message.conversation.scope == scope, "\(name)")
            }
            for (tag, kind) in [
                ("edit", InboundMessage.Kind.edit), ("reaction", .reaction), ("callback", .callback), ("join", .join),
                ("leave", .leave), ("migration", .migration), ("unknown", .unsupported),
            ] where tags.contains(tag) {
                #expect(message.kind == kind, "\(name)")
            }
            for (tag, kind) in [
                ("photo", Attachment.Kind.image), ("video", .video), ("voice", .voice), ("audio", .audio),
                ("document", .document), ("sticker", .sticker), ("location", .location), ("contact", .contact),
                ("poll", .poll), ("dice", .dice),
            ] where tags.contains(tag) {
                #expect(message.attachments.contains { $0.kind == kind }, "\(name)")
            }
            if tags.contains("text") { #expect(!message.text.isEmpty, "\(name)") }
            if tags.contains("topic") { #expect(message.conversation.thread != nil, "\(name)") }
        }
    }

    /// Answers of the Bot API become what is to be done about them.
    @Test func `of the corpus sorts the Bot API's refusals`() async throws {
        guard let corpus = try Fixtures.corpus() else {
            print("not run: PRAISON_CORPUS does not name the folder of the recorded corpus")
            return
        }
        for name in corpus.names where name.hasPrefix("http_") {
            let response = try corpus.payload(name)["response"]
            guard let status = response?["status"]?.int, status != 200 else { continue }
            let stage = SimulatedChannel()
            try stage.api.say("hello", in: "1001")
            try stage.fault(
                .status(status, body: response?["body"]?.value.text(), description: nil, headers: [:]), times: nil)
            let error = await #expect(throws: ChannelError.self, "\(name)") {
                try await stage.adapter.send(stage.message("**hi**"))
            }
            let isFitting =
                switch (name, error) {
                case ("http_400_migrated", .moved), ("http_400_chat_not_found", .rejected): true
                case ("http_403_blocked", .rejected), ("http_401_unauthorized", .unauthorized): true
                case ("http_429_retry_after", .rateLimited(.seconds(14))): true
                case ("http_409_conflict_getupdates", .unavailable): true
                case ("http_400_cant_parse_entities", .malformed), ("http_400_message_too_long", .malformed): true
                case ("http_400_not_modified", .malformed): true
                default: false
                }
            #expect(isFitting, "\(name) became \(error.map { "\($0)" } ?? "nothing")")
        }
    }
}
