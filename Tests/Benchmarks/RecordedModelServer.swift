import Foundation
import Logging
import PraisonCore
import PraisonNet
import Synchronization

/// A model's server in a process of its own, in all five protocols. It answers with recordings, an event at a time.
enum RecordedModelServer {
    static let argument = "--recorded-models"

    /// The models it has.
    enum Length: Int, CaseIterable { case short, long }

    /// Prints the address, and serves until it is killed.
    static func serve() async throws {
        let logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        try await HTTPServer(Handler(), logger: logger).run { address in
            print(address.url)
            fflush(nil)
        }
    }

    private struct Handler: HTTPHandler {
        private let recordings = ModelRecording.all.map { recording in
            (recording, [recording.events(isLong: false), recording.events(isLong: true)])
        }

        func respond(to request: HTTPRequest) async -> HTTPResponse {
            guard let (recording, events) = recordings.first(where: { request.path.contains($0.0.path) }) else {
                return .text("no such path", status: 404)
            }
            let name = "\(Length.long)"
            let isLong =
                request.path.contains("/\(name):")
                || (try? JSONDocument(parsing: request.body))?["model"]?.string == name
            let rest = Mutex(events[isLong ? 1 : 0][...])
            return HTTPResponse(
                status: 200, headers: ["Content-Type": recording.type],
                body: .stream(HTTPBodyStream { rest.withLock { $0.popFirst() } }))
        }
    }
}
