import PraisonCore

/// Bytes with a few mistakes in them.
enum Mutation {
    static func of(_ original: [UInt8], _ entropy: any Entropy) -> [UInt8] {
        var bytes = original
        for _ in 0...Int(entropy.bytes(1)[0] % 4) {
            let dice = entropy.bytes(4)
            let place = (Int(dice[0]) << 8 | Int(dice[1])) % max(bytes.count, 1)
            switch dice[2] % 5 {
            case 0 where !bytes.isEmpty: bytes[place] = dice[3]
            case 1 where !bytes.isEmpty: bytes.remove(at: place)
            case 2: bytes.insert(dice[3], at: min(place, bytes.count))
            case 3: bytes.removeSubrange(min(place, bytes.count)...)
            default: bytes += bytes[min(place, bytes.count)...]
            }
        }
        return bytes
    }
}
