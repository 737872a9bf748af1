import PraisonCore

/// The tokens a request shows, wherever it shows them.
///
/// A browser can't set headers on a WebSocket, so a token may also be offered as a subprotocol: alone, or as
/// `bearer.TOKEN` beside another one that the server can choose.
struct Credentials: Hashable, Sendable {
    /// Candidates, the most explicit first.
    private(set) var tokens: [String] = []
    private(set) var cookie: String?

    private static let subprotocolPrefixes = ["praisonai.bearer.", "bearer.", "token."]

    init(_ request: HTTPRequest) {
        if let authorization = request.headers["Authorization"] {
            let words = authorization.split(separator: " ", maxSplits: 1)
            if words.count == 2, words[0].lowercased() == "bearer" {
                tokens.append(words[1].drop { $0 == " " }.description)
            }
        }
        if let token = request.query("token"), !token.isEmpty { tokens.append(token) }
        for offer in Self.subprotocols(request) {
            tokens.append(Self.token(in: offer) ?? offer)
        }
        for header in request.headers.values(of: "Cookie") {
            for pair in header.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                if parts.count == 2, parts[0].drop(while: { $0 == " " }) == AccessControl.cookieName {
                    cookie = String(parts[1])
                }
            }
        }
    }

    var isEmpty: Bool { tokens.isEmpty && cookie == nil }

    /// The subprotocol to answer with: one that is no secret where there is a choice. Browsers insist on an answer.
    static func chosenSubprotocol(_ request: HTTPRequest, isSecret: (String) -> Bool) -> String? {
        let offers = subprotocols(request)
        return offers.first { token(in: $0) == nil && !isSecret($0) } ?? offers.first
    }

    private static func token(in offer: String) -> String? {
        for prefix in subprotocolPrefixes where offer.lowercased().hasPrefix(prefix) {
            return String(offer.dropFirst(prefix.count))
        }
        return nil
    }

    private static func subprotocols(_ request: HTTPRequest) -> [String] {
        request.headers.values(of: "Sec-WebSocket-Protocol")
            .flatMap { $0.split(separator: ",") }
            .map { String($0.drop { $0 == " " }.prefix { $0 != " " }) }
            .filter { !$0.isEmpty }
    }
}
