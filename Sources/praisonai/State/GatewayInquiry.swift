import Logging
import PraisonCore
import PraisonNet

/// Asks a gateway over HTTP how it fares.
struct GatewayInquiry {
    struct Answer {
        enum State {
            /// What `/health` and, where the token opens it, `/info` said.
            case answered(health: JSONValue, info: JSONValue?, isTokenRefused: Bool)
            case unreachable(reason: String)
        }

        var url: String
        var state: State
    }

    /// The command must not hang when the gateway does.
    static let limits = HTTPLimits(
        connect: .seconds(3), firstByte: .seconds(5), idle: .seconds(5), total: .seconds(10), bodySize: 4 << 20)

    let contact: GatewayContact
    let logger: Logger

    private var url: String { contact.address.http }

    func ask() async -> Answer { await withClient { await ask($0) } }

    /// Lends a client that knows whom to trust.
    private func withClient<Value>(_ body: (any HTTPClient) async -> Value) async -> Value {
        var configuration = CurlHTTPClient.Configuration()
        configuration.trust = contact.trust
        let client = CurlHTTPClient(configuration: configuration, logger: logger)
        let value = await body(client)
        await client.shutdown()
        return value
    }

    private func ask(_ client: any HTTPClient) async -> Answer {
        do {
            let response = try await client.execute(request(.get, "/health"))
            guard response.status == 200, let health = try? JSONDocument(parsing: response.bytes).value,
                health["status"] != nil
            else {
                let words = Self.line(of: response).map { " (\($0))" } ?? ""
                let reason =
                    "something else listens there: it answered \(response.status)\(words), and not as a gateway"
                return Answer(url: url, state: .unreachable(reason: reason))
            }
            let info = try? await client.execute(request(.get, "/info"))
            let details = info.flatMap { $0.status == 200 ? try? JSONDocument(parsing: $0.bytes).value : nil }
            let isRefused = contact.token != nil && (info?.status == 401 || info?.status == 403)
            return Answer(url: url, state: .answered(health: health, info: details, isTokenRefused: isRefused))
        } catch {
            return Answer(url: url, state: .unreachable(reason: GatewayContact.words(for: error)))
        }
    }

    /// What an answer says in one short line of text.
    private static func line(of response: HTTPResponse) -> String? {
        let text = String(decoding: response.bytes.prefix(200), as: UTF8.self)
        let line = text.split(whereSeparator: \.isNewline).first ?? ""
        return line.isEmpty || line.count > 80 || line.contains("<") || line.hasPrefix("{") ? nil : String(line)
    }

    /// Has a channel of it switched.
    ///
    /// - Parameter word: `pause`, `resume` or `reconnect`.
    /// - Returns: what the gateway says when it is done.
    /// - Throws: ``CommandFailure`` when it isn't.
    func turn(_ channel: String, _ word: String) async throws(CommandFailure) -> String {
        let request = request(.post, "/api/channels/\(FormEncoding.escape(channel))/\(word)")
        let answer: Result<HTTPResponse, HTTPError> = await withClient { client in
            do throws(HTTPError) { return .success(try await client.execute(request)) } catch { return .failure(error) }
        }
        let response: HTTPResponse
        do { response = try answer.get() } catch {
            throw CommandFailure(.tryAgain, "no gateway answers at \(url): \(GatewayContact.words(for: error))")
        }
        let body = try? JSONDocument(parsing: response.bytes)
        if let body, response.status == 200, body["success"]?.bool == true { return body["message"]?.string ?? "done" }
        if [401, 403].contains(response.status) {
            let scope = body?["required_scope"]?.string.map { "wants a token with the scope \($0)" }
            let which = scope ?? (contact.token == nil ? "wants a token" : "refused the token")
            throw CommandFailure(.configuration, "the gateway at \(url) \(which); give the right one with --token")
        }
        let words = body?["message"]?.string ?? body?["error"]?.string
        throw CommandFailure(.failed, words ?? "the gateway answered \(response.status)")
    }

    private func request(_ method: HTTPRequest.Method, _ path: String) -> HTTPRequest {
        var request = HTTPRequest(method, url + path, limits: Self.limits)
        if let token = contact.token { request.headers["Authorization"] = "Bearer \(token.reveal())" }
        return request
    }
}
