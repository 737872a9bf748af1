public import PraisonCore

/// A platform's server side, good enough that the platform's official SDK can't tell the difference.
///
/// It is an ``HTTPHandler``: tests call it in memory, `praisonai simulate` serves it on a port. Besides the platform's
/// own API it answers the control API under `/_sim/`, which is the same on every simulator; see ``SimulatorControl``.
public protocol PlatformSimulator: HTTPHandler {
    static var platform: Platform { get }

    /// - Parameter client: how the simulator delivers to webhooks.
    init(clock: any GatewayClock, entropy: any Entropy, client: any HTTPClient)

    /// What a channel's block in gateway.yaml needs in order to talk to this simulator at `baseURL`: the token, the
    /// address and whatever else, as written in YAML.
    static func settings(baseURL: String) -> [(key: String, value: String)]

    /// Delivers to webhooks until cancelled; does nothing where the platform is polled.
    func run() async throws
}
