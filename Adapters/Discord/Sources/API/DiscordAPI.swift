import PraisonCore
import Synchronization

/// The REST API, version 10: one call, one answer.
///
/// Source: https://docs.discord.com/developers/reference
final class DiscordAPI: Sendable {
    /// Cloudflare refuses other forms.
    ///
    /// Source: https://docs.discord.com/developers/reference#user-agent
    static let userAgent = "DiscordBot (https://github.com/MervinPraison/PraisonAI, 0.1)"

    static let callLimits = HTTPLimits(
        connect: .seconds(10), firstByte: .seconds(30), idle: .seconds(15), total: .seconds(60))
    /// For what others wait for.
    static let lookUpLimits = HTTPLimits(
        connect: .seconds(3), firstByte: .seconds(5), idle: .seconds(5), total: .seconds(5))
    /// For files on their way up: the answer comes after the last byte.
    static let uploadLimits = HTTPLimits(
        connect: .seconds(10), firstByte: .seconds(300), idle: .seconds(60), total: .seconds(600))

    private let base: String
    private let token: Secret
    private let http: any HTTPClient
    private let clock: any GatewayClock
    private let limits = Mutex(RateLimits())

    /// - Parameter base: where the API is, with version and without a slash at the end.
    init(base: String, token: Secret, http: any HTTPClient, clock: any GatewayClock) {
        self.base = base
        self.token = token
        self.http = http
        self.clock = clock
    }

    /// Buckets that are remembered, for tests of what grows.
    var bucketCount: Int { limits.withLock { $0.bucketCount } }

    /// - Parameters:
    ///   - asker: the same for each attempt of one message; see ``RateLimits/reserve(_:by:at:)``.
    ///   - secret: a token in the path that no error may tell.
    ///   - limits: how long it may take.
    /// - Returns: the answer; an empty object where there is none.
    @discardableResult
    func call(
        _ route: DiscordRoute, query: [(name: String, value: String)] = [], _ body: JSONValue? = nil,
        asker: String = "", hiding secret: Secret? = nil, limits: HTTPLimits = callLimits
    ) async throws(DiscordAPIError) -> JSONDocument {
        var request = request(route, query: query, limits: limits)
        if let body {
            request.headers["Content-Type"] = "application/json"
            request.body = body.bytes()
        }
        return try await answer(to: request, route, asker, secret)
    }

    /// The same with files beside the parameters.
    @discardableResult
    func upload(
        _ route: DiscordRoute, _ form: MultipartForm, asker: String, hiding secret: Secret? = nil
    ) async throws(DiscordAPIError) -> JSONDocument {
        var request = request(route, query: [], limits: Self.uploadLimits)
        request.headers["Content-Type"] = form.contentType
        request.body = form.bytes()
        return try await answer(to: request, route, asker, secret)
    }

    /// The content of an attachment. Its address is signed and needs no token.
    ///
    /// - Parameter limit: bytes; more end the transfer.
    func file(at url: String, limit: Int) async throws(DiscordAPIError) -> [UInt8] {
        let limits = HTTPLimits(firstByte: .seconds(30), idle: .seconds(30), total: .seconds(300), bodySize: limit)
        let request = HTTPRequest(.get, url, headers: ["User-Agent": Self.userAgent], limits: limits)
        let response = try await execute(request, nil)
        guard response.status == 200 else {
            throw DiscordAPIError(.garbled(status: response.status), "status \(response.status) for an attachment")
        }
        return response.bytes
    }

    /// Whether an attachment's address leads where attachments are.
    func isOurs(_ url: String) -> Bool {
        let hosts = ["https://cdn.discordapp.com/", "https://media.discordapp.net/"]
        let own = base.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3)
        return (hosts + [own.joined(separator: "/") + "/"]).contains { url.hasPrefix($0) }
    }

    private func request(
        _ route: DiscordRoute, query: [(name: String, value: String)], limits: HTTPLimits
    ) -> HTTPRequest {
        let query = query.isEmpty ? "" : "?" + FormEncoding.encode(query)
        return HTTPRequest(
            route.method, "\(base)\(route.path)\(query)",
            headers: ["Authorization": "Bot \(token.reveal())", "User-Agent": Self.userAgent], limits: limits)
    }

    private func answer(
        to request: HTTPRequest, _ route: DiscordRoute, _ asker: String, _ secret: Secret?
    ) async throws(DiscordAPIError) -> JSONDocument {
        let wait = limits.withLock { $0.reserve(route, by: asker, at: clock.uptime) }
        guard wait == .zero else {
            throw DiscordAPIError(.limited(wait: wait), "kept back for \(wait.inWords) to stay within the limits")
        }
        let response = try await execute(request, secret)
        let told = limits.withLock { $0.learn(from: response, to: route, by: asker, at: clock.uptime) }
        if let told {
            throw DiscordAPIError(.limited(wait: told), "discord asks to wait \(told.inWords)")
        }
        guard (200...299).contains(response.status) else { throw refusal(in: response, secret) }
        guard !response.bytes.isEmpty else { return Self.nothing }
        do {
            return try JSONDocument(parsing: response.bytes, maximumDepth: 512)
        } catch {
            throw DiscordAPIError(.garbled(status: response.status), "the answer is not the API's")
        }
    }

    private static let nothing: JSONDocument = {
        guard let empty = try? JSONDocument(parsing: "{}") else { preconditionFailure("{} is JSON") }
        return empty
    }()

    private func execute(_ request: HTTPRequest, _ secret: Secret?) async throws(DiscordAPIError) -> HTTPResponse {
        do {
            return try await http.execute(request)
        } catch {
            throw DiscordAPIError(.noAnswer(error), redacted(error.detail, secret))
        }
    }

    private func refusal(in response: HTTPResponse, _ secret: Secret?) -> DiscordAPIError {
        guard let body = try? JSONDocument(parsing: response.bytes), let message = body["message"]?.string else {
            return DiscordAPIError(
                .garbled(status: response.status), "status \(response.status) without the API's words")
        }
        let details = Self.details(of: body["errors"]).prefix(3).joined(separator: "; ")
        let text = details.isEmpty ? message : "\(message): \(details)"
        return DiscordAPIError(
            .refused(status: response.status, code: body["code"]?.int ?? 0),
            redacted(String(text.prefix(300)), secret))
    }

    /// `content: Must be 2000 or fewer in length.` for each `_errors` in the tree.
    private static func details(of errors: JSONDocument?, at path: String = "", depth: Int = 0) -> [String] {
        guard let errors, depth < 8 else { return [] }
        if let list = errors["_errors"] {
            return list.elements.prefix(3).compactMap { $0["message"]?.string }.map {
                path.isEmpty ? $0 : "\(path): \($0)"
            }
        }
        return errors.members.prefix(5).flatMap { member in
            details(of: member.value, at: path.isEmpty ? member.name : "\(path).\(member.name)", depth: depth + 1)
        }
    }

    private func redacted(_ text: String, _ secret: Secret?) -> String {
        let blanked = token.redacting(text)
        return secret?.redacting(blanked) ?? blanked
    }
}
