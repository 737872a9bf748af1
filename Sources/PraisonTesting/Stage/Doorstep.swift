import PraisonCore
import Synchronization

/// The address at which the adapter that runs takes webhooks.
final class Doorstep: HTTPHandler {
    private let host: Mutex<(any HTTPHandler)?> = Mutex(nil)

    func open(to handler: (any HTTPHandler)?) { host.withLock { $0 = handler } }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard let handler = host.withLock({ $0 }) else { return .text("nobody is here\n", status: 503) }
        return await handler.respond(to: request)
    }
}
