public import PraisonCore

/// A platform's server side, good enough that the platform's official SDK can't tell the difference.
///
/// It is an `HTTPHandler`: tests call it in memory, `praisonai simulate` serves it on a port. Besides the platform's
/// own API it answers the control API under `/_sim/`, which is the same on every simulator; see ``SimulatorControl``.
/// A simulator only plays its platform; logging calls, faults and the control API come with ``control``.
public protocol PlatformSimulator: HTTPHandler {
    static var platform: Platform { get }

    /// - Parameters:
    ///   - client: how the simulator delivers to webhooks.
    ///   - cryptography: how it signs what it delivers, where its platform signs.
    init(clock: any GatewayClock, entropy: any Entropy, client: any HTTPClient, cryptography: any Cryptography)

    /// What a channel's block in gateway.yaml needs in order to talk to this simulator at `baseURL`: the token, the
    /// address and whatever else, as written in YAML.
    static func settings(baseURL: String) -> [(key: String, value: String)]

    /// How the simulator is told, through `POST /_sim/webhook`, of a channel that can hear by webhook only; `nil` where
    /// channels connect or register by themselves.
    static func webhook(at url: String) -> SimulatedWebhook?

    /// Something the platform might deliver one day and nobody knows yet, for ``inject(_:)``.
    static var unknownPayload: JSONValue { get }

    /// Faults that only this platform has, and the members of `POST /_sim/faults` each takes besides the usual ones.
    static var ownFaults: [String: [String]] { get }

    /// Kinds of limits the platform tells apart, for the `scope` of a `rate_limit`; the first is meant where none is said.
    static var limitScopes: [String] { get }

    /// What is wrong with a fault that was asked for, for the person who did; `nil` where it can happen.
    static func problem(with fault: SimulatorFault.Kind) -> String?

    /// There may be a new fault of what the platform does by itself (``FaultList/takeOwn(_:of:)``).
    func faultsChanged()

    /// Delivers to webhooks until cancelled; does nothing where the platform is polled.
    func run() async throws

    var control: SimulatorControl { get }

    // MARK: The platform's own API

    associatedtype Call: SimulatedCall

    /// What `request` asks for. Never fails: what cannot be read is a call too, and is answered as the platform would.
    func call(in request: HTTPRequest) -> Call

    func answer(_ call: Call) async -> HTTPResponse

    /// What the platform says when it refuses `call`; `nil` where it never would, and the fault waits for another call.
    func refusal(of call: Call, because cause: SimulatedRefusal) -> HTTPResponse?

    // MARK: What the control API asks for

    /// Somebody on the platform says something, which the bots then hear.
    func say(_ utterance: SimulatedUtterance) throws(SimulatorControlError) -> SimulatedUtterance.Receipt

    /// Delivers a payload as it is, apart from numbers that only the platform can know.
    func inject(_ payload: JSONDocument) throws(SimulatorControlError)

    /// What the people on the platform see of the bots, oldest first.
    var sent: [SimulatedMessage] { get }

    func setWebhook(_ webhook: SimulatedWebhook) throws(SimulatorControlError)

    /// Forgets everything, as if just made.
    func reset()
}

extension PlatformSimulator {
    public static func webhook(at url: String) -> SimulatedWebhook? { nil }
    public static var ownFaults: [String: [String]] { [:] }
    public static var limitScopes: [String] { [] }
    public static func problem(with fault: SimulatorFault.Kind) -> String? { nil }
    public func faultsChanged() {}

    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        await control.respond(to: request, as: self)
    }
}

/// A request to a simulated platform, read.
public protocol SimulatedCall: Sendable {
    /// The platform's word for what is asked: `sendMessage`, `POST /channels/1/messages`.
    var name: String { get }
    /// What came with it, without credentials.
    var parameters: [String: JSONValue] { get }
}

/// Why a platform refuses a call, in words every platform has.
public enum SimulatedRefusal: Hashable, Sendable {
    /// Too much was asked for; `retryAfter` in seconds, `scope` one of ``PlatformSimulator/limitScopes``.
    case rateLimit(retryAfter: Double, scope: String? = nil)
    case unauthorized
    /// Somebody else does the same with the same credentials.
    case conflict
    /// The platform's usual body for this HTTP status.
    case status(Int, description: String?)
}
