import PraisonCore
import Synchronization

/// Who may connect: tokens, web origins and, where no token is configured, this machine only.
final class AccessControl: Sendable {
    /// The cookie that stands for a token after a login.
    static let cookieName = "praisonai_session"
    static let cookieLifetime = Duration.seconds(24 * 3600)

    private struct Holder: Sendable {
        var token: Secret
        var principal: Principal
    }

    private let book: Mutex<[Holder]>
    private let allowedOrigins: [String]
    private let host: String
    private let clock: any GatewayClock
    private let cryptography: any Cryptography

    init(_ server: ServerSettings, clock: any GatewayClock, cryptography: any Cryptography) {
        book = Mutex(Self.holders(server, cryptography))
        allowedOrigins = server.allowedOrigins.map { $0.lowercased() }
        host = server.host
        self.clock = clock
        self.cryptography = cryptography
    }

    private static func holders(_ server: ServerSettings, _ cryptography: any Cryptography) -> [Holder] {
        func fingerprint(_ token: Secret) -> String { Self.fingerprint(of: token.reveal(), cryptography) }
        // A token listed with scopes has those and no others, also when it is the main one.
        var holders = server.scopedTokens.filter { !$0.token.isEmpty }.map {
            Holder(
                token: $0.token,
                principal: Principal(tokenFingerprint: fingerprint($0.token), scopes: $0.scopes))
        }
        if let token = server.authToken, !token.isEmpty, !holders.contains(where: { $0.token == token }) {
            holders.append(
                Holder(
                    token: token,
                    principal: Principal(tokenFingerprint: fingerprint(token), scopes: Set(ClientScope.allCases))))
        }
        return holders
    }

    private var holders: [Holder] { book.withLock { $0 } }

    /// Knows the tokens of `server`, and no others, from now on.
    func rotate(_ server: ServerSettings) {
        let holders = Self.holders(server, cryptography)
        book.withLock { $0 = holders }
    }

    /// Whether somebody who was let in before would be let in now with all the rights they have.
    func stillAdmits(_ principal: Principal) -> Bool {
        guard needsToken else { return principal.tokenFingerprint == nil }
        return holders.contains {
            $0.principal.tokenFingerprint == principal.tokenFingerprint
                && principal.scopes.isSubset(of: $0.principal.scopes)
        }
    }

    /// Whether the holder of this token would be let in now; `nil` for somebody without one.
    func stillAdmits(fingerprint: String?) -> Bool {
        needsToken ? holders.contains { $0.principal.tokenFingerprint == fingerprint } : fingerprint == nil
    }

    /// Whether a token has to be shown at all.
    var needsToken: Bool { !holders.isEmpty }

    /// Whether `text` is one of the tokens.
    func knows(_ text: String) -> Bool { holders.contains { $0.token.matches(text) } }

    static func fingerprint(of secret: String, _ cryptography: any Cryptography) -> String {
        cryptography.sha256(Array("praisonai owner\n\(secret)".utf8)).prefix(16).map(Hex.text).joined()
    }

    /// Whose request it is. The origin is a question of its own; see ``checkOrigin(of:)``.
    func principal(of request: HTTPRequest) -> Result<Principal, AccessRefusal> {
        guard needsToken else {
            guard Loopback.isPeer(request.peer) else { return .failure(.tokenMissing) }
            let named = request.headers["Host"] ?? ""
            guard Loopback.isName(HostName(named).name) || HostName(named).name == host.lowercased() else {
                return .failure(.hostNotAllowed(named))
            }
            return .success(Principal(tokenFingerprint: nil, scopes: Set(ClientScope.allCases)))
        }
        let shown = Credentials(request)
        for token in shown.tokens {
            for holder in holders where holder.token.matches(token) { return .success(holder.principal) }
        }
        if let cookie = shown.cookie, let principal = principal(ofCookie: cookie) { return .success(principal) }
        return .failure(shown.isEmpty ? .tokenMissing : .tokenWrong)
    }

    /// A page may only act on this gateway when it came from it, or from an origin that is listed.
    func checkOrigin(of request: HTTPRequest) -> AccessRefusal? {
        guard let origin = request.headers["Origin"] else { return nil }
        let word = origin.lowercased()
        if allowedOrigins.contains("*") || allowedOrigins.contains(word) { return nil }
        guard let schemeEnd = word.firstRange(of: "://")?.upperBound, let named = request.headers["Host"],
            HostName(word[schemeEnd...]) == HostName(named)
        else { return .originNotAllowed(origin) }
        return nil
    }

    // MARK: The cookie

    /// A cookie's value for a token: whose, until when, and a signature only this gateway can make.
    func cookie(for principal: Principal) -> String? {
        guard let holder = holders.first(where: { $0.principal == principal }),
            let fingerprint = principal.tokenFingerprint
        else { return nil }
        let expiry = Int64((clock.now + Self.cookieLifetime).seconds)
        return "\(fingerprint).\(expiry).\(signature(fingerprint, expiry, holder))"
    }

    private func principal(ofCookie value: String) -> Principal? {
        let parts = value.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let expiry = Int64(parts[1]), Double(expiry) > clock.now.seconds,
            let holder = holders.first(where: { $0.principal.tokenFingerprint == String(parts[0]) })
        else { return nil }
        let expected = signature(String(parts[0]), expiry, holder)
        return constantTimeEquals(Array(expected.utf8), Array(parts[2].utf8)) ? holder.principal : nil
    }

    private func signature(_ fingerprint: String, _ expiry: Int64, _ holder: Holder) -> String {
        let message = Array("praisonai cookie\n\(fingerprint)\n\(expiry)".utf8)
        return cryptography.hmacSHA256(message, key: Array(holder.token.reveal().utf8)).map(Hex.text).joined()
    }
}

enum Hex {
    /// Two lower-case digits.
    static func text(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return byte < 16 ? "0" + digits : digits
    }
}
