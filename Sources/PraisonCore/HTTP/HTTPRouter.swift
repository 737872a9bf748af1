/// Finds the answer to a request by its method and path.
///
/// ```swift
/// var router = HTTPRouter()
/// router.on(.get, "/agents/{name}") { request, parameters in .text("hello \(parameters["name"] ?? "")") }
/// router.mount("/webhooks/shop", shop)
/// ```
///
/// Where several patterns fit, the most specific one answers, whatever the order they were added in. A path nobody
/// knows is answered 404; a known path under another method 405, with `Allow`. What answers GET also answers HEAD.
public struct HTTPRouter: HTTPHandler {
    public typealias Responder = @Sendable (HTTPRequest, _ parameters: [String: String]) async -> HTTPResponse

    private struct Route: Sendable {
        let pattern: HTTPPattern
        var responders: [HTTPRequest.Method: Responder]
    }

    private struct Mount: Sendable {
        let segments: [Substring]
        let handler: any HTTPHandler
    }

    /// The most specific first.
    private var routes: [Route] = []
    /// The longest first.
    private var mounts: [Mount] = []

    public init() {}

    /// Answers `method` on paths that fit `pattern`.
    ///
    /// - Parameters:
    ///   - pattern: a path such as `/agents/{name}`, `/bot{token}/{method}`, `/files/*` or `/files/{path*}`.
    ///   - respond: gets what the blanks of the pattern hold, percent-decoded; a rest written `*` is under `*`.
    public mutating func on(_ method: HTTPRequest.Method, _ pattern: String, _ respond: @escaping Responder) {
        let pattern = HTTPPattern(pattern)
        if let known = routes.firstIndex(where: { $0.pattern == pattern }) {
            routes[known].responders[method] = respond
        } else {
            let place = routes.firstIndex { pattern.precedes($0.pattern) } ?? routes.endIndex
            routes.insert(Route(pattern: pattern, responders: [method: respond]), at: place)
        }
    }

    /// Hands what is at or below `prefix`, and fits none of the patterns, to `handler`, as it came: the prefix stays in
    /// the target, because signatures may cover it. The longest prefix wins.
    public mutating func mount(_ prefix: String, _ handler: any HTTPHandler) {
        var segments = HTTPPattern.split(prefix)
        while segments.last?.isEmpty == true { segments.removeLast() }
        let place = mounts.firstIndex { $0.segments.count < segments.count } ?? mounts.endIndex
        mounts.insert(Mount(segments: segments, handler: handler), at: place)
    }

    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        let path = HTTPPattern.split(request.path)
        var allowed: Set<String> = []
        for route in routes {
            guard let parameters = route.pattern.parameters(in: path) else { continue }
            if let respond = route.responders[request.method] { return await respond(request, parameters) }
            if request.method == .head, let respond = route.responders[.get] {
                return await respond(request, parameters)
            }
            allowed.formUnion(route.responders.keys.map(\.rawValue))
        }
        if allowed.isEmpty, let mount = mounts.first(where: { path.starts(with: $0.segments) }) {
            return await mount.handler.respond(to: request)
        }
        guard !allowed.isEmpty else { return .json(["error": "not found"], status: 404) }
        if allowed.contains("GET") { allowed.insert("HEAD") }
        var response = HTTPResponse.json(["error": "method not allowed"], status: 405)
        response.headers["Allow"] = allowed.sorted().joined(separator: ", ")
        return response
    }
}
