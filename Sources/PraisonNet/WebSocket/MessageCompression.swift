import PraisonCore

/// What both ends have agreed on about compressing messages: permessage-deflate (RFC 7692 §7.1).
struct MessageCompression: Equatable, Sendable {
    private static let name = "permessage-deflate"
    /// Two to the power of it bytes are remembered. 12 bits serve chat messages nearly as well as zlib's 15, at an
    /// eighth of the memory per connection.
    private static let preferredWindowBits = 12

    /// Whether the server's messages build upon its earlier ones.
    var serverKeepsContext = true
    var clientKeepsContext = true
    var serverWindowBits = 15
    var clientWindowBits = 15

    /// What a client asks for.
    static let offer = "\(name); client_max_window_bits"

    func windowBits(of sender: WebSocketRole) -> Int {
        sender == .server ? serverWindowBits : clientWindowBits
    }

    func keepsContext(of sender: WebSocketRole) -> Bool {
        sender == .server ? serverKeepsContext : clientKeepsContext
    }

    // MARK: - As a server

    /// Picks the first offer that can be met.
    ///
    /// - Parameter offers: the values of `Sec-WebSocket-Extensions` in the request.
    /// - Returns: what is agreed on, and the header field that says so; `nil` to do without.
    static func accept(offers: [String]) -> (agreed: MessageCompression, response: String)? {
        for offer in ExtensionList.parse(offers) where offer.name == name {
            if let answer = answer(to: offer.parameters) { return answer }
        }
        return nil
    }

    private static func answer(
        to parameters: [ExtensionList.Parameter]
    ) -> (agreed: MessageCompression, response: String)? {
        var agreed = MessageCompression()
        // A server may always limit itself (§7.1.2.1); a client only if it said that it can be limited.
        agreed.serverWindowBits = preferredWindowBits
        var limitsClient = false
        guard Set(parameters.map(\.name)).count == parameters.count else { return nil }
        for parameter in parameters {
            switch (parameter.name, parameter.value) {
            case ("server_no_context_takeover", nil):
                agreed.serverKeepsContext = false
            case ("client_no_context_takeover", nil):
                agreed.clientKeepsContext = false
            case ("server_max_window_bits", let value?):
                guard let bits = windowBits(value) else { return nil }
                agreed.serverWindowBits = min(bits, preferredWindowBits)
            case ("client_max_window_bits", let value):
                guard let bits = value.map(windowBits) ?? 15 else { return nil }
                agreed.clientWindowBits = min(bits, preferredWindowBits)
                limitsClient = true
            default:
                return nil
            }
        }
        var response = "\(name); server_max_window_bits=\(agreed.serverWindowBits)"
        if !agreed.serverKeepsContext { response += "; server_no_context_takeover" }
        if !agreed.clientKeepsContext { response += "; client_no_context_takeover" }
        if limitsClient { response += "; client_max_window_bits=\(agreed.clientWindowBits)" }
        return (agreed, response)
    }

    // MARK: - As a client

    /// Reads the server's answer to ``offer``.
    ///
    /// - Returns: `nil` where the server does without.
    /// - Throws: where it answers what was not offered (§7.1, RFC 6455 §4.1).
    static func accepted(by response: [String]) throws(WebSocketFailure) -> MessageCompression? {
        let extensions = ExtensionList.parse(response)
        guard let only = extensions.first else {
            guard response.allSatisfy(\.isEmpty) else { throw unexpected(response) }
            return nil
        }
        guard extensions.count == 1, only.name == name else { throw unexpected(response) }
        guard Set(only.parameters.map(\.name)).count == only.parameters.count else { throw unexpected(response) }
        var agreed = MessageCompression()
        for parameter in only.parameters {
            switch (parameter.name, parameter.value) {
            case ("server_no_context_takeover", nil):
                agreed.serverKeepsContext = false
            case ("client_no_context_takeover", nil):
                agreed.clientKeepsContext = false
            case ("server_max_window_bits", let value?):
                guard let bits = Int(value), (8...15).contains(bits) else { throw unexpected(response) }
                // A larger window reads what was written with a smaller one; zlib has none of 8 bits.
                agreed.serverWindowBits = max(bits, 9)
            case ("client_max_window_bits", let value?):
                guard let bits = windowBits(value) else { throw unexpected(response) }
                agreed.clientWindowBits = bits
            default:
                throw unexpected(response)
            }
        }
        return agreed
    }

    private static func unexpected(_ response: [String]) -> WebSocketFailure {
        .protocolError("Sec-WebSocket-Extensions answers what was not offered: \(response.joined(separator: ", "))")
    }

    /// zlib writes raw streams with windows of 9 to 15 bits; the eighth of RFC 7692 it can't.
    private static func windowBits(_ value: String) -> Int? {
        // Digits only, as RFC 7692 §7.1.2 writes them: neither `+9` nor `09`.
        guard value.first != "0", value.allSatisfy(\.isWholeNumber), let bits = Int(value) else { return nil }
        return (9...15).contains(bits) ? bits : nil
    }
}
