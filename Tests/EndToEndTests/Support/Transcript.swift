import PraisonCore
import PraisonSimulation

/// What a process has written so far, for tests that wait for a word.
final class Transcript: Sendable {
    /// The process ended, or time was up, before the words came.
    struct NeverSaid: Error, CustomStringConvertible {
        var wanted: String
        var said: String
        var description: String { "never said \(wanted); what it said:\n\(said)" }
    }

    private struct State: Sendable {
        var bytes: [UInt8] = []
        var isComplete = false

        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    private let state = Observed(State())

    var text: String { state.value.text }

    func append(_ bytes: some Sequence<UInt8>) { state.change { $0.bytes += bytes } }

    func finish() { state.change { $0.isComplete = true } }

    /// Returns everything said once `text` is in it.
    @discardableResult
    func waitFor(_ text: String) async throws -> String {
        let said = await state.wait { $0.isComplete || $0.text.contains(text) }.text
        guard said.contains(text) else { throw NeverSaid(wanted: text, said: said) }
        return said
    }

    /// Returns everything said once the process can say no more.
    func waitForEnd() async -> String { await state.wait(until: \.isComplete).text }
}
