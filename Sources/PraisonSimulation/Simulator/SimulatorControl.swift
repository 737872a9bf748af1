public import PraisonCore

/// What every simulator has in common: faults, the log of calls, and the control API for tests and people.
///
/// | request | does |
/// |---|---|
/// | `POST /_sim/say` | somebody says something (``SimulatedUtterance``); answers `{id, conversation, thread, sender}` |
/// | `POST /_sim/inject` | delivers a raw payload of the platform |
/// | `GET /_sim/sent` | what users would see (``SimulatedMessage``), oldest first |
/// | `GET /_sim/sent?count=2&text=hello&wait=5` | the same, once there are two with that text; at the latest after 5 s |
/// | `GET /_sim/calls` | every request received (``CallLog``), oldest first; waits in the same way, with `call=NAME` |
/// | `POST /_sim/faults` | something will go wrong (``SimulatorFault``); `GET` lists what still waits |
/// | `POST /_sim/webhook` | where to deliver: `{url, secret, verify_token?}` |
/// | `POST /_sim/reset` | forgets everything |
///
/// What cannot be done is answered 400 with `{"error": "…"}`.
public final class SimulatorControl: Sendable {
    public let faults = FaultList()
    public let calls = CallLog()
    private let clock: any GatewayClock
    /// Counts everything after which people may see something else, or a call is known.
    private let changes = Observed(0)

    public init(clock: any GatewayClock) { self.clock = clock }

    private static let prefix = "/_sim/"

    func respond<Simulator: PlatformSimulator>(to request: HTTPRequest, as simulator: Simulator) async -> HTTPResponse {
        defer { changes.change { $0 += 1 } }
        if request.path.hasPrefix(Self.prefix) { return await operate(request, simulator) }
        let call = simulator.call(in: request)
        let number = calls.begin(call, at: clock.now)
        changes.change { $0 += 1 }
        let fault = faults.take(for: call) { kind in
            kind.refusal.map { simulator.refusal(of: call, because: $0) != nil } ?? true
        }
        let response = await answer(call, fault, simulator)
        calls.end(number, status: Task.isCancelled ? nil : response.status, fault: fault?.name)
        return response
    }

    // MARK: Faults

    private func answer<Simulator: PlatformSimulator>(
        _ call: Simulator.Call, _ fault: SimulatorFault.Kind?, _ simulator: Simulator
    ) async -> HTTPResponse {
        switch fault {
        case .reset(afterwards: let isCarriedOut):
            if isCarriedOut { _ = await simulator.answer(call) }
            return Self.cut
        case .hang(let seconds):
            try? await clock.sleep(for: .seconds(seconds))
            return Self.cut
        case .slow(let seconds):
            let response = await simulator.answer(call)
            try? await clock.sleep(for: .seconds(seconds))
            return response
        case .status(let code, .some(let body), _, let headers):
            var response = HTTPResponse(status: code, headers: headers, body: .bytes(Array(body.utf8)))
            let type = (try? JSONDocument(parsing: body)) == nil ? "text/html" : "application/json"
            response.headers["Content-Type"] = headers["Content-Type"] ?? type
            return response
        default:
            guard let cause = fault?.refusal, var response = simulator.refusal(of: call, because: cause) else {
                return await simulator.answer(call)
            }
            if case .status(_, _, _, let headers) = fault {
                for field in headers.fields { response.headers[field.name] = field.value }
            }
            return response
        }
    }

    /// A response that ends before it has begun: whoever serves it cuts the connection.
    private static var cut: HTTPResponse {
        let stream = HTTPBodyStream {
            throw HTTPError(.closed, mayHaveReachedServer: true, detail: "the connection was cut")
        }
        return HTTPResponse(status: 200, headers: ["Content-Type": "application/json"], body: .stream(stream))
    }

    // MARK: The control API

    private func operate(_ request: HTTPRequest, _ simulator: some PlatformSimulator) async -> HTTPResponse {
        do {
            return try await operation(String(request.path.dropFirst(Self.prefix.count)), request, simulator)
        } catch {
            return .json(["error": .string(error.problem)], status: 400)
        }
    }

    private func operation(
        _ name: String, _ request: HTTPRequest, _ simulator: some PlatformSimulator
    ) async throws(SimulatorControlError) -> HTTPResponse {
        let done = HTTPResponse.json(["ok": true])
        switch (request.method, name) {
        case (.get, "sent"):
            let query = try SimulatorQuery(request, of: name, filter: "text")
            return .json(.array(await wait(query, for: { simulator.sent }, { $0.text.contains($1) }).map(\.json)))
        case (.get, "calls"):
            let query = try SimulatorQuery(request, of: name, filter: "call")
            return .json(.array(await wait(query, for: { self.calls.entries }, { $0.name == $1 }).map(\.json)))
        case (.get, "faults"): return .json(.array(faults.waiting.map(\.json)))
        case (.post, "say"):
            return .json(try simulator.say(SimulatedUtterance(ControlRequest(name, request))).json)
        case (.post, "inject"):
            try simulator.inject(ControlRequest(name, request).payload)
            return done
        case (.post, "faults"):
            let platform = type(of: simulator)
            let fault = try SimulatorFault(
                ControlRequest(name, request), own: platform.ownFaults, scopes: platform.limitScopes)
            if let problem = platform.problem(with: fault.kind) { throw SimulatorControlError("\(name): \(problem)") }
            try faults.add(fault)
            simulator.faultsChanged()
            return done
        case (.post, "webhook"):
            let request = try ControlRequest(name, request)
            try request.allow(["url", "secret", "verify_token"])
            try simulator.setWebhook(
                SimulatedWebhook(
                    url: try request.address("url"), secret: try request.text("secret") ?? "",
                    verifyToken: try request.text("verify_token")))
            return done
        case (.post, "reset"):
            faults.reset()
            calls.reset()
            simulator.reset()
            return done
        default:
            let problem = """
                \(request.method.rawValue) /_sim/\(name) is not known; there are POST say, inject, faults, webhook, \
                reset and GET sent, calls, faults
                """
            return .json(["error": .string(problem)], status: 404)
        }
    }

    /// - Returns: everything, once enough of it is as asked for, or time is up.
    private func wait<Item>(
        _ query: SimulatorQuery, for items: () -> [Item], _ matches: (Item, String) -> Bool
    ) async -> [Item] {
        let deadline = clock.uptime + query.wait
        while true {
            let seen = changes.value
            let items = items()
            let count = query.filter.map { filter in items.count { matches($0, filter) } } ?? items.count
            let rest = deadline - clock.uptime
            if count >= query.count || rest <= .zero || Task.isCancelled { return items }
            try? await withTimeout(rest, clock: clock) { [changes] in _ = await changes.wait { $0 != seen } }
        }
    }
}

/// How much of what somebody waits for, and how long: the query of a `GET` of the control API.
private struct SimulatorQuery {
    /// Items that are waited for.
    let count: Int
    /// What is to be in them.
    let filter: String?
    let wait: Duration

    init(_ request: HTTPRequest, of endpoint: String, filter: String) throws(SimulatorControlError) {
        let query = try ControlRequest(endpoint, query: request.query)
        try query.allow(["count", "wait", filter])
        count = try query.integer("count", in: 0...1_000_000) ?? 1
        self.filter = try query.text(filter)
        wait = .seconds(try query.seconds("wait") ?? 0)
    }
}

extension SimulatorFault.Kind {
    /// What the platform is asked to say, for faults that are words of its own.
    fileprivate var refusal: SimulatedRefusal? {
        switch self {
        case .rateLimit(let seconds, let scope): .rateLimit(retryAfter: seconds, scope: scope)
        case .unauthorized: .unauthorized
        case .conflict: .conflict
        case .status(let code, nil, let description, _): .status(code, description: description)
        default: nil
        }
    }
}
