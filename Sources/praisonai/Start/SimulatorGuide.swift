import PraisonCore

/// What `praisonai simulate` tells a person to do next.
struct SimulatorGuide {
    let platform: Platform

    func text(_ address: String, settings: [(key: String, value: String)]) -> String {
        let lines = settings.map { "    \($0.key): \($0.value)" }.joined(separator: "\n")
        return """
            \(platform) is simulated on \(address)

            In gateway.yaml:

            channels:
              \(platform):
            \(lines)
                routing:
                  default: assistant        # one of your agents

            Speak as a person, and see what people see:

              curl \(address)/_sim/say -d '{"scope": "dm", "sender": "ada", "text": "hello"}'
              curl \(address)/_sim/say \\
                -d '{"conversation": "family", "scope": "group", "sender": "ada", "text": "hello", "mention": true}'
              curl \(address)/_sim/sent

            Let something go wrong, and see what the gateway asked for:

              curl \(address)/_sim/faults -d '{"kind": "rate_limit", "retry_after": 5}'
              curl \(address)/_sim/calls

            Press Ctrl+C to stop
            """
    }
}
