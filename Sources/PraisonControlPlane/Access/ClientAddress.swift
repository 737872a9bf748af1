import PraisonCore

/// Where a request really comes from, when there may be a proxy in between.
///
/// `X-Forwarded-For` is believed from `gateway.trusted_proxies` only. A request that says it was forwarded, by somebody
/// on this machine who is not listed, is not taken for one of this machine's own.
struct ClientAddress: Sendable {
    private static let forwardingHeaders = ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "X-Forwarded-Host"]

    private let trusted: [AddressRange]

    init(trustedProxies: [String]) { trusted = trustedProxies.compactMap(AddressRange.init) }

    /// - Returns: an address; for one nobody can tell, `proxy:` and the address of the last hop.
    func peer(of request: HTTPRequest) -> String? {
        guard let peer = request.peer, Self.forwardingHeaders.contains(where: { request.headers[$0] != nil }) else {
            return request.peer
        }
        guard isTrusted(peer) else { return Loopback.isPeer(peer) ? "proxy:\(peer)" : peer }
        let hops = request.headers.values(of: "X-Forwarded-For").joined(separator: ",").split(separator: ",")
            .map { String($0.drop { $0 == " " }.prefix { $0 != " " }) }
        guard let client = hops.last(where: { !isTrusted($0) }), AddressRange.isAddress(client) else {
            return "proxy:\(peer)"
        }
        return client
    }

    /// Whether the address is a trusted proxy's.
    func isTrusted(_ address: String) -> Bool { trusted.contains { $0.contains(address) } }
}
