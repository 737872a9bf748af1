import PraisonCore

/// Who is behind a connection or a request, and what that allows.
struct Principal: Hashable, Sendable {
    /// A fingerprint of the token shown; `nil` for somebody on this machine while no token is configured.
    var tokenFingerprint: String?
    var scopes: Set<ClientScope>

    /// The person behind it, the same on every connection and over HTTP: whoever holds the token. Without tokens that is
    /// whoever uses this machine.
    var person: SenderID { SenderID(tokenFingerprint ?? "local") }

    func may(_ scope: ClientScope) -> Bool {
        scopes.contains(.admin) || scopes.contains(scope) || (scope == .read && !scopes.isEmpty)
    }
}

/// Why somebody does not get in.
enum AccessRefusal: Error, Hashable, Sendable {
    case tokenMissing
    case tokenWrong
    /// A web page of another origin.
    case originNotAllowed(String)
    /// The request names a host that is not this machine's, as after DNS rebinding.
    case hostNotAllowed(String)
}
