import Logging
import PraisonCore

/// Takes updates that Telegram delivers.
///
/// Source: https://core.telegram.org/bots/api#setwebhook
struct WebhookReceiver: HTTPHandler {
    /// Bytes. Updates are a few kilobytes.
    static let largestBody = 4 << 20

    let secret: Secret
    let intake: UpdateIntake
    let context: ChannelContext

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard request.method == .post else {
            var response = HTTPResponse.text("updates come by POST\n", status: 405)
            response.headers["Allow"] = "POST"
            return response
        }
        // There is no signature; knowing the secret is the proof.
        guard secret.matches(request.headers["X-Telegram-Bot-Api-Secret-Token"] ?? "") else {
            return .text("wrong or missing secret token\n", status: 401)
        }
        guard request.body.count <= Self.largestBody else { return .text("too large for an update\n", status: 413) }
        guard let update = try? JSONDocument(parsing: request.body) else {
            return .text("not JSON\n", status: 400)
        }
        do {
            try await intake.take([update])
            context.report(.receiving)
            return HTTPResponse(status: 200)
        } catch {
            context.logger.warning("an update could not be kept; it will come again", metadata: ["error": "\(error)"])
            return HTTPResponse(status: 503, headers: ["Retry-After": "2"])
        }
    }
}
