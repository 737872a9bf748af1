import PraisonCore
import PraisonSimulation
import PraisonTesting
import TelegramAdapter
import Testing

@testable import TelegramSimulator

/// A channel before a simulated Bot API, and what can be seen at the other side.
struct SimulatedChannel: Sendable {
    let api: SimulatedAPI
    let channel: TestChannel

    init() {
        api = SimulatedAPI()
        channel = TestChannel(api.simulator, clock: api.clock)
    }

    var adapter: TelegramAdapter { get throws { try channel.adapter() } }

    var sent: [SimulatedMessage] { api.simulator.sent }

    func message(
        _ text: String, _ conversation: Conversation? = nil, format: OutboundMessage.Format = .markdown,
        replyTo: MessageID? = nil, replaces: MessageID? = nil, files: [OutboundMessage.File] = []
    ) -> OutboundMessage {
        OutboundMessage(
            key: "key", conversation: conversation ?? channel.conversation(), text: text, format: format,
            replyTo: replyTo, replaces: replaces, files: files)
    }

    func file(
        _ kind: Attachment.Kind, _ name: String, size: Int = 10, mimeType: String? = nil
    ) -> OutboundMessage.File {
        OutboundMessage.File(
            kind: kind, name: name, mimeType: mimeType, source: .bytes(Array(repeating: 0x41, count: size)))
    }

    func fault(_ kind: SimulatorFault.Kind, times: Int? = 1, match: String? = nil) throws {
        try api.simulator.control.faults.add(SimulatorFault(kind, times: times, match: match))
    }

    func refuse(_ description: String, code: Int = 400, match: String? = nil) throws {
        try fault(.status(code, body: nil, description: description, headers: [:]), match: match)
    }

    /// The parameters of every call of `method`.
    func calls(_ method: String) -> [[String: JSONValue]] {
        api.simulator.control.calls.entries.filter { $0.name == method }.map(\.parameters)
    }
}
