import DiscordAdapter
import Foundation
import PraisonCore
import PraisonSimulation
import PraisonTesting
import Testing

@Suite struct `recorded traffic` {
    @Test func `covers every shape there is`() throws {
        #expect(try Fixtures.recordings().names.count >= 70)
    }

    /// `PRAISON_RECORD=1` writes down what each recording means now, to be read before it is committed.
    @Test func `is written down anew when asked`() throws {
        guard ProcessInfo.processInfo.environment["PRAISON_RECORD"] != nil else {
            print("not run: PRAISON_RECORD does not ask for it")
            return
        }
        let recordings = try Fixtures.recordings()
        for name in recordings.names {
            let meaning = recordings.meaning(of: try recordings.payload(name), to: DiscordAdapter.self)
            try Data("\(meaning)\n".utf8).write(to: recordings.folder.appending(path: "\(name).event.json"))
        }
    }

    /// The corpus has no expectations beside it, so this promises what holds for all of it, and what its tags say.
    @Test func `of the corpus is read, all of it`() throws {
        guard let corpus = try Fixtures.corpus() else {
            print("not run: PRAISON_CORPUS does not name the folder of the recorded corpus")
            return
        }
        let index = try JSONDocument(parsing: [UInt8](Data(contentsOf: corpus.folder.appending(path: "index.json"))))
        var read = 0
        for entry in index.elements {
            let name = (entry["file"]?.string ?? "").replacing(".json", with: "")
            let tags = Set((entry["tags"]?.elements ?? []).compactMap(\.string))
            let payload = try corpus.payload(name)
            var receiver = Fixtures.receiver
            // Some were recorded for other bots.
            receiver.id = tags.contains("self echo") ? "1457469483726668048" : receiver.id
            if payload["d"]?["mentions"]?.elements.contains(where: { $0["bot"]?.bool == true }) == true {
                receiver.id = payload["d"]?["mentions"]?[0]?["id"]?.string.map { SenderID($0) }
            }
            let events = DiscordAdapter.events(in: payload, for: receiver)
            guard entry["kind"]?.string == "inbound", payload["t"] != nil else {
                #expect(events.isEmpty, "\(name)")
                continue
            }
            if tags.contains("self echo") {
                #expect(events.isEmpty, "\(name)")
                continue
            }
            for event in events {
                read += 1
                let message = try #require(event.message, "\(name)")
                #expect(message.kind != .unsupported, "\(name)")
                #expect(!message.sender.id.rawValue.isEmpty, "\(name)")
                #expect(message.entities.allSatisfy { $0.offset + $0.length <= message.text.utf16.count }, "\(name)")
                for (tag, kind) in [
                    ("edited", InboundMessage.Kind.edit), ("deleted", .delete), ("reaction", .reaction),
                    ("join", .join),
                    ("leave", .leave),
                ] where tags.contains(tag) {
                    #expect(message.kind == kind, "\(name)")
                }
                if tags.contains("dm") { #expect(message.conversation.scope == .dm, "\(name)") }
                if tags.contains("channel") { #expect(message.conversation.scope == .group, "\(name)") }
                if tags.contains("thread"), payload["d"]?["channel_type"] != nil {
                    #expect(message.conversation.thread != nil, "\(name)")
                }
                if tags.contains("mention") { #expect(message.mentionsBot, "\(name)") }
                if tags.contains("text") { #expect(!message.text.isEmpty, "\(name)") }
                if tags.contains("reply") { #expect(message.reply != nil, "\(name)") }
                if tags.contains("voice") { #expect(message.attachments.first?.kind == .voice, "\(name)") }
                if tags.contains("slash command") { #expect(message.command?.name == "okokokok", "\(name)") }
                if tags.contains("webhook author") { #expect(message.sender.isBot, "\(name)") }
            }
        }
        #expect(read > 20)
    }
}

@Suite struct `dispatches that were damaged on the way` {
    /// Every recording, damaged in ways a seed foretells. `PRAISON_FUZZ_ROUNDS` asks for more of them.
    @Test func `never bring the reader down, and never give an event out of bounds`() throws {
        let rounds = ProcessInfo.processInfo.environment["PRAISON_FUZZ_ROUNDS"].flatMap(Int.init) ?? 15
        let recordings = try Fixtures.recordings()
        let originals = try recordings.names.map { try recordings.payload($0).value }
        var read = 0
        for round in 0..<rounds {
            let entropy = SeededEntropy(seed: UInt64(round))
            for original in originals {
                let whole = original.bytes()
                let damaged =
                    round.isMultiple(of: 3) ? Damage.bytes(whole, entropy) : Damage.value(original, entropy).bytes()
                guard let document = try? JSONDocument(parsing: damaged) else { continue }
                for event in DiscordAdapter.events(in: document, for: Fixtures.receiver) {
                    read += 1
                    let message = try #require(event.message)
                    let count = message.text.utf16.count
                    #expect(
                        message.entities.allSatisfy {
                            $0.offset >= 0 && $0.length > 0 && $0.offset + $0.length <= count
                        })
                    #expect(event.id.rawValue.hasPrefix("discord/"))
                    // It can be written and read again, as the journal does.
                    #expect(try JSONDecoder().decode(GatewayEvent.self, from: JSONEncoder().encode(event)) == event)
                }
            }
        }
        #expect(read > originals.count)
    }
}

private enum Damage {
    /// A few bytes changed, taken out or doubled.
    static func bytes(_ bytes: [UInt8], _ entropy: SeededEntropy) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<(1 + Int(entropy.bytes(1)[0] % 4)) where !bytes.isEmpty {
            let place = Int(entropy.fraction() * Double(bytes.count))
            switch entropy.bytes(1)[0] % 3 {
            case 0: bytes[place] = entropy.bytes(1)[0]
            case 1: bytes.remove(at: place)
            default: bytes.insert(bytes[place], at: place)
            }
        }
        return bytes
    }

    /// Values replaced by what nobody expects there.
    static func value(_ value: JSONValue, _ entropy: SeededEntropy) -> JSONValue {
        let odd: [JSONValue] = [
            nil, true, "", "text", -1, 0, 1e300, .number("99999999999999999999"), "99999999999999999999999", [], [[]],
            ["id": -5], "\u{0}", "<@", "<@99999999999999999999999>", "<@900000000000000001>",
        ]
        if entropy.bytes(1)[0] < 8 { return odd[Int(entropy.bytes(1)[0]) % odd.count] }
        switch value {
        case .object(let members):
            var changed: [String: JSONValue] = [:]
            // In a fixed order, so that a seed always does the same.
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                if entropy.bytes(1)[0] < 5 { continue }
                changed[name] = Self.value(member, entropy)
            }
            return .object(changed)
        case .array(let elements): return .array(elements.map { Self.value($0, entropy) })
        default: return value
        }
    }
}
