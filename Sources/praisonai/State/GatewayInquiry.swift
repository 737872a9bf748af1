import Logging
import PraisonCore
import PraisonNet

/// Asks a gateway over HTTP how it fares.
struct GatewayInquiry {
    struct Answer {
        enum State {
            /// What `/health` and, where the token opens it, `/info` said.
            case answered(health: JSONValue, info: JSONValue?)
            case unreachable(reason: String)
        }

        var url: String
        var state: State
    }

    /// The command must not hang when the gateway does.
    static let limits = HTTPLimits(
        connect: .seconds(3), firstByte: .seconds(5), idle: .seconds(5), total: .seconds(10), bodySize: 4 << 20)

    let url: String
    let token: Secret?
    let logger: Logger

    func ask() async -> Answer {
        let client = CurlHTTPClient(logger: logger)
        let answer = await ask(client)
        await client.shutdown()
        return answer
    }

    private func ask(_ client: any HTTPClient) async -> Answer {
        do {
            let response = try await client.execute(request("/health"))
            guard response.status == 200, let health = try? JSONDocument(parsing: response.bytes).value,
                health["status"] != nil
            else {
                let reason = "something else listens there: it answered \(response.status), and not as a gateway"
                return Answer(url: url, state: .unreachable(reason: reason))
            }
            let info = try? await client.execute(request("/info"))
            let details = info.flatMap { $0.status == 200 ? try? JSONDocument(parsing: $0.bytes).value : nil }
            return Answer(url: url, state: .answered(health: health, info: details))
        } catch {
            return Answer(url: url, state: .unreachable(reason: error.detail))
        }
    }

    private func request(_ path: String) -> HTTPRequest {
        var request = HTTPRequest(.get, url + path, limits: Self.limits)
        if let token { request.headers["Authorization"] = "Bearer \(token.reveal())" }
        return request
    }
}
