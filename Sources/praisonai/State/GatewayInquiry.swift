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

    let url: String
    let token: Secret?
    /// The authorities its certificate may come from; `nil` for the system's.
    let trust: TrustStore?
    let logger: Logger

    func ask() async -> Answer {
        var configuration = CurlHTTPClient.Configuration()
        configuration.trust = trust
        let client = CurlHTTPClient(configuration: configuration, logger: logger)
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
            let isRefused = token != nil && (info?.status == 401 || info?.status == 403)
            return Answer(url: url, state: .answered(health: health, info: details, isTokenRefused: isRefused))
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

extension ServerSettings {
    /// What whoever reaches this gateway trusts besides the system's authorities: the gateway's own certificate, which may
    /// be signed by nobody else. `nil` where there is none, or it can't be read.
    var ownTrust: TrustStore? { sslCert.flatMap { try? TrustStore.system(and: $0) } }
}
