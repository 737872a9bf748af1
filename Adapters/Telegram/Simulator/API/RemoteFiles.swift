import PraisonCore

/// Fetches files that a bot sends by address, as Telegram does.
///
/// Only from this machine: a simulator asks nothing of the world. Other addresses are taken on trust, with a line of
/// text in place of their content.
struct RemoteFiles: Sendable {
    /// Bytes; Telegram takes 5 MB for photos and 20 MB for the rest.
    private static let limit = 20 << 20

    let client: any HTTPClient

    /// What the addresses among the parameters of `call` hold, by address; none for what cannot be fetched.
    func fetch(for call: BotCall) async -> [String: BotCall.Upload] {
        var addresses: [String] = []
        for form in MediaForm.all {
            if let text = call.text(form.field) { addresses.append(text) }
        }
        if let media = call.json("media") {
            addresses += (media.kind == .object ? [media] : media.elements).compactMap { $0["media"]?.string }
        }
        var found: [String: BotCall.Upload] = [:]
        for address in addresses.prefix(10) where address.hasPrefix("http://") || address.hasPrefix("https://") {
            found[address] = await upload(address)
        }
        return found
    }

    private func upload(_ address: String) async -> BotCall.Upload? {
        let path = HTTPRequest(.get, address).path
        let name = path.split(separator: "/").last.map { FormEncoding.unescape($0) } ?? "file"
        guard Self.isLocal(address) else {
            return BotCall.Upload(name: name, content: Array("the content of \(address)".utf8))
        }
        let limits = HTTPLimits(firstByte: .seconds(10), total: .seconds(30), bodySize: Self.limit)
        guard let response = try? await client.execute(HTTPRequest(.get, address, limits: limits)),
            response.status == 200
        else { return nil }
        return BotCall.Upload(name: name, mimeType: response.headers["Content-Type"], content: response.bytes)
    }

    private static func isLocal(_ address: String) -> Bool {
        let host = address.drop { $0 != "/" }.dropFirst(2)
        return ["127.0.0.1", "localhost", "[::1]"].contains { host.hasPrefix("\($0):") || host.hasPrefix("\($0)/") }
    }
}
