import Foundation
import PraisonCore
import PraisonSimulation
import PraisonTesting
import TelegramAdapter
import Testing

@Suite struct `updates that were damaged on the way` {
    /// Every recording, damaged in ways a seed foretells. `PRAISON_FUZZ_ROUNDS` asks for more of them.
    @Test func `never bring the reader down, and never give an event out of bounds`() throws {
        let rounds = ProcessInfo.processInfo.environment["PRAISON_FUZZ_ROUNDS"].flatMap(Int.init) ?? 25
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
                for event in TelegramAdapter.events(in: document, for: Fixtures.receiver) {
                    read += 1
                    let message = try #require(event.message)
                    let count = message.text.utf16.count
                    #expect(
                        message.entities.allSatisfy {
                            $0.offset >= 0 && $0.length > 0 && $0.offset + $0.length <= count
                        })
                    #expect(event.id.rawValue.hasPrefix("telegram/update/"))
                    // It can be written and read again, as the journal does.
                    _ = event.replayJSON.bytes()
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
            switch entropy.bytes(1)[0] % 4 {
            case 0: bytes[place] = entropy.bytes(1)[0]
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(bytes[place], at: place)
            default: bytes[place] ^= 1 << (entropy.bytes(1)[0] % 8)
            }
        }
        return bytes
    }

    /// Values replaced by what nobody expects there.
    static func value(_ value: JSONValue, _ entropy: SeededEntropy) -> JSONValue {
        let odd: [JSONValue] = [
            nil, true, "", "text", -1, 0, 1e300, .number("99999999999999999999"), .number("-9223372036854775808"),
            .number("9223372036854775807"), [], [[]], ["id": -5], "\u{0}", "👩‍👩‍👧",
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
