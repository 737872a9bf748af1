import PraisonNet
import Testing

@Suite struct `the OpenSSL cryptography` {
    private let cryptography = OpenSSLCryptography()

    /// FIPS 180-4's examples, as in RFC 6234 §8.5.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `hashes by SHA-256`(_ message: String, _ digest: String) {
        #expect(cryptography.sha256(Array(message.utf8)).hex == digest)
    }

    /// RFC 4231 §4.
    @Test(arguments: [
        (
            String(repeating: "0b", count: 20), "4869205468657265",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            String(repeating: "aa", count: 131),
            "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        // Neither key nor message.
        ("", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
    func `authenticates by HMAC-SHA256`(_ key: String, _ message: String, _ code: String) {
        #expect(cryptography.hmacSHA256([UInt8](hex: message), key: [UInt8](hex: key)).hex == code)
    }

    /// RFC 8032 §7.1, tests 1 to 3.
    static let signatures: [(key: String, message: String, signature: String)] = [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ]

    @Test(arguments: signatures)
    func `accepts an Ed25519 signature, and none of a changed message, key or signature`(
        _ key: String, _ message: String, _ signature: String
    ) {
        let (key, message, signature) = ([UInt8](hex: key), [UInt8](hex: message), [UInt8](hex: signature))
        func accepts(_ signature: [UInt8], _ message: [UInt8], _ key: [UInt8]) -> Bool {
            cryptography.verifyEd25519(signature: signature, message: message, publicKey: key)
        }
        #expect(accepts(signature, message, key))
        #expect(!accepts(signature, message + [0], key))
        for index in signature.indices {
            var changed = signature
            changed[index] ^= 1
            #expect(!accepts(changed, message, key))
        }
        for index in key.indices {
            var changed = key
            changed[index] ^= 1
            #expect(!accepts(signature, message, changed))
        }
    }

    @Test func `refuses keys and signatures of another length`() {
        let (key, message, signature) = Self.signatures.map {
            ([UInt8](hex: $0.key), [UInt8](hex: $0.message), [UInt8](hex: $0.signature))
        }[1]
        for (signature, key) in [
            ([], key), (signature, []), (Array(signature.dropLast()), key), (signature + [0], key),
            (signature, Array(key.dropLast())), (signature, key + [0]), ([], []),
        ] {
            #expect(!cryptography.verifyEd25519(signature: signature, message: message, publicKey: key))
        }
    }
}

extension [UInt8] {
    fileprivate init(hex: String) {
        let digits = hex.compactMap(\.hexDigitValue)
        self = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    fileprivate var hex: String {
        map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
