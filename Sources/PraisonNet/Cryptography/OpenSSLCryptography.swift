import COpenSSL
public import PraisonCore

/// OpenSSL's hashes and signatures.
public struct OpenSSLCryptography: Cryptography {
    public init() {}

    public func sha256(_ message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
            let isDone = EVP_Digest(message, message.count, digest.baseAddress, nil, EVP_sha256(), nil)
            precondition(isDone == 1, "OpenSSL has no SHA-256")
            count = Int(SHA256_DIGEST_LENGTH)
        }
    }

    public func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { code, count in
            let isDone = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, code.baseAddress, nil)
            precondition(isDone != nil, "OpenSSL has no HMAC with SHA-256")
            count = Int(SHA256_DIGEST_LENGTH)
        }
    }

    public func verifyEd25519(signature: [UInt8], message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == 64, publicKey.count == 32 else { return false }
        // What went wrong is of no interest, and would stay in the thread's queue for whoever asks next.
        defer { ERR_clear_error() }
        guard let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, publicKey.count) else {
            return false
        }
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        return EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}
