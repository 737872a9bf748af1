import PraisonCore
import PraisonNet
import PraisonSimulation

@testable import PraisonAgents

/// Serves `handler` on a port of this machine while `body` runs, and lends the client that the gateway uses.
func onSockets<Value: Sendable>(
    _ handler: any HTTPHandler,
    _ body: @escaping @Sendable (_ url: String, _ http: CurlHTTPClient) async throws -> Value
) async throws -> Value {
    try await HTTPServer.withServer(handler, logger: silent) { address in
        let http = CurlHTTPClient(logger: silent)
        do {
            let value = try await body(address.url, http)
            await http.shutdown()
            return value
        } catch {
            await http.shutdown()
            throw error
        }
    }
}

/// Changes requests on their way out.
struct ChangingClient: HTTPClient {
    let http: any HTTPClient
    let change: @Sendable (inout HTTPRequest) -> Void

    /// Waits as long as a loaded machine may need; how long tools wait is not what these tests are about.
    static func patient(_ http: any HTTPClient) -> ChangingClient {
        ChangingClient(http: http) { request in
            let minute = Duration.seconds(60)
            request.limits = HTTPLimits(
                connect: minute, firstByte: minute, idle: minute, total: minute, bodySize: request.limits.bodySize)
        }
    }

    func execute(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        try await http.execute(changed(request))
    }

    func withStream<Value: Sendable>(
        _ request: HTTPRequest, _ consume: @Sendable (Int, HTTPHeaders, HTTPBodyStream) async throws -> Value
    ) async throws -> Value {
        try await http.withStream(changed(request), consume)
    }

    private func changed(_ request: HTTPRequest) -> HTTPRequest {
        var request = request
        change(&request)
        return request
    }
}

extension ToolShelf {
    /// The tools, reaching what they need by sockets.
    static func make(
        reaching http: any HTTPClient, _ settings: ToolsSettings = ToolsSettings(), environment: [String: String] = [:]
    ) -> ToolShelf {
        ToolShelf(
            settings, services: ToolServices(environment: environment),
            Surroundings(
                http: ChangingClient.patient(http), clock: VirtualClock(), path: "/usr/bin:/bin", logger: silent))
    }

    /// Runs the tool of that name, as an agent that has only this one.
    func run(_ name: String, _ arguments: String) async throws -> String {
        guard let tool = await box(for: .with(tools: [name])).tools(for: .make("x"))[name]?.tool else {
            throw ToolError("there is no tool \(name)")
        }
        return try await tool.run(try JSONDocument(parsing: arguments), for: .make("x"))
    }

    /// How that fails, in the words that a model is told.
    func failure(_ name: String, _ arguments: String) async -> String {
        do {
            return "no failure: " + (try await run(name, arguments))
        } catch {
            return "\(error)"
        }
    }
}

extension HTTPResponse {
    /// A body that ends with the connection, before it is whole.
    static func cut(after bytes: [UInt8], type: String) -> HTTPResponse {
        let rest = Collected<Int>()
        return HTTPResponse(
            status: 200, headers: ["Content-Type": type],
            body: .stream(
                HTTPBodyStream {
                    guard rest.all.isEmpty, !bytes.isEmpty else { throw CancellationError() }
                    rest.add(1)
                    return bytes
                }))
    }
}
