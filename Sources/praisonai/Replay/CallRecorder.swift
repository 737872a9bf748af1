import PraisonCore
import PraisonSimulation
import Synchronization

/// A simulated platform that notes what it is asked to do.
final class CallRecorder: HTTPHandler {
    private let simulator: any PlatformSimulator
    private let calls = Mutex<[ReplayedPayload.Call]>([])

    init(_ simulator: any PlatformSimulator) { self.simulator = simulator }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        let call = simulator.call(in: request)
        calls.withLock { $0.append(ReplayedPayload.Call(name: call.name, parameters: call.parameters)) }
        return await simulator.respond(to: request)
    }

    /// What was asked since the last time.
    func take() -> [ReplayedPayload.Call] {
        calls.withLock { calls in
            defer { calls = [] }
            return calls
        }
    }
}
