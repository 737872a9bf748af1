public import PraisonCore

/// One thing that goes wrong at a simulated platform: the body of `POST /_sim/faults`.
public struct SimulatorFault: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// Refused as the platform refuses those who ask too much; seconds, and whom it is about where the platform
        /// tells that apart (``PlatformSimulator/limitScopes``).
        case rateLimit(retryAfter: Double, scope: String? = nil)
        /// Answered with this status; `body` as it is, or the platform's usual body with `description`.
        case status(Int, body: String?, description: String?, headers: HTTPHeaders)
        /// The connection is cut without an answer, before or after the call was carried out.
        case reset(afterwards: Bool)
        /// The call is taken, not carried out and not answered for this many seconds; then the connection is cut.
        case hang(seconds: Double)
        /// The answer comes this many seconds late.
        case slow(seconds: Double)
        /// Something the platform delivers is delivered twice.
        case duplicate
        /// Things the platform delivers change places.
        case reorder
        case unauthorized
        case conflict
        /// One of the platform's own (``PlatformSimulator/ownFaults``), with what was said about it.
        case own(String, [String: JSONValue])

        static let names = [
            "rate_limit", "status", "reset", "hang", "slow", "duplicate", "reorder", "unauthorized", "conflict",
        ]

        public var name: String {
            switch self {
            case .rateLimit: "rate_limit"
            case .status: "status"
            case .reset: "reset"
            case .hang: "hang"
            case .slow: "slow"
            case .duplicate: "duplicate"
            case .reorder: "reorder"
            case .unauthorized: "unauthorized"
            case .conflict: "conflict"
            case .own(let name, _): name
            }
        }

        /// Whether it happens to what the platform delivers, or does by itself, rather than to what it is asked.
        var isOfDelivery: Bool {
            switch self {
            case .duplicate, .reorder, .own: true
            default: false
            }
        }
    }

    public var kind: Kind
    /// How often; `nil` until `SimulatorControl.reset()`.
    public var times: Int?
    /// How many calls that fit go well first.
    public var after: Int
    /// What a call's name or parameters must contain, in any case of letters; `nil` for every call.
    public var match: String?

    public init(_ kind: Kind, times: Int? = 1, after: Int = 0, match: String? = nil) {
        self.kind = kind
        self.times = times
        self.after = after
        self.match = match
    }

    /// - Parameters:
    ///   - own: the platform's own kinds, and the members each may have.
    ///   - scopes: of its limits, where it has several.
    init(_ request: ControlRequest, own: [String: [String]], scopes: [String]) throws(SimulatorControlError) {
        let names = Kind.names + own.keys.sorted()
        guard let name = try request.choice("kind", of: names) else {
            throw request.problem("kind", "is missing; there are \(names.joined(separator: ", "))")
        }
        let extras: [String: [String]] = [
            "rate_limit": scopes.isEmpty ? ["retry_after"] : ["retry_after", "scope"],
            "status": ["code", "body", "description", "headers"], "reset": ["when"],
            "hang": ["seconds"], "slow": ["seconds"],
        ].merging(own) { _, own in own }
        try request.allow(["kind", "times", "after", "match"] + (extras[name] ?? []))
        let times = try request.integer("times", in: 0...1_000_000) ?? 1
        var kind: Kind
        if let members = own[name] {
            let said = members.compactMap { member in request.value(member).map { (member, $0.value) } }
            kind = .own(name, Dictionary(said) { _, last in last })
        } else {
            kind = try Self.kind(name, request, scopes)
        }
        self.init(
            kind, times: times == 0 ? nil : times,
            after: try request.integer("after", in: 0...1_000_000) ?? 0, match: try request.text("match"))
    }

    private static func kind(
        _ name: String, _ request: ControlRequest, _ scopes: [String]
    ) throws(SimulatorControlError) -> Kind {
        switch name {
        case "rate_limit":
            return .rateLimit(
                retryAfter: try request.seconds("retry_after") ?? 1, scope: try request.choice("scope", of: scopes))
        case "status":
            guard let code = try request.integer("code", in: 100...599) else {
                throw request.problem("code", "is missing: the HTTP status to answer with")
            }
            var headers = HTTPHeaders()
            for member in request.value("headers")?.members ?? [] {
                headers[member.name] = member.value.scalarText ?? ""
            }
            let body = request.value("body").map { $0.string ?? $0.value.text() }
            return .status(code, body: body, description: try request.text("description"), headers: headers)
        case "reset": return .reset(afterwards: try request.choice("when", of: ["before", "after"]) == "after")
        case "hang": return .hang(seconds: try request.seconds("seconds") ?? 3600)
        case "slow": return .slow(seconds: try request.seconds("seconds") ?? 1)
        case "duplicate": return .duplicate
        case "reorder": return .reorder
        case "unauthorized": return .unauthorized
        default: return .conflict
        }
    }

    var json: JSONValue {
        [
            "kind": .string(kind.name), "times": times.map { JSONValue($0) } ?? 0, "after": JSONValue(after),
            "match": JSONValue(match),
        ]
    }
}
