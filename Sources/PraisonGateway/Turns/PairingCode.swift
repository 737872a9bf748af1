import PraisonCore

/// Eight characters that can be read aloud: no I, O, 0 and 1.
enum PairingCode {
    static let lifetime = Duration.seconds(3600)
    private static let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZ23456789")

    /// 40 bits of entropy: the alphabet has exactly 32 letters, so five bits of each byte choose one evenly.
    static func make(_ entropy: any Entropy) -> String {
        String(entropy.bytes(8).map { alphabet[Int($0 & 31)] })
    }
}
