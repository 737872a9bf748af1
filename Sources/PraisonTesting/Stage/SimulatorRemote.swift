import PraisonCore
import PraisonSimulation
import Testing

/// The control API of a simulator, asked over HTTP.
struct SimulatorRemote: Sendable {
    let http: any HTTPClient
    let baseURL: String

    /// Something said, in the platform's numbers.
    struct Said: Sendable {
        var id: MessageID
        var conversation: Conversation.ID
        var thread: Conversation.Thread?
        var sender: SenderID
    }

    @discardableResult
    private func ask(_ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil) async throws
        -> JSONDocument
    {
        var request = HTTPRequest(method, "\(baseURL)/_sim/\(path)", body: body?.bytes() ?? [])
        if body != nil { request.headers["Content-Type"] = "application/json" }
        let response = try await http.execute(request)
        let answer = try JSONDocument(parsing: response.bytes)
        try #require(response.status == 200, "\(path): \(answer["error"]?.string ?? "status \(response.status)")")
        return answer
    }

    @discardableResult
    func say(
        _ text: String, in conversation: String? = nil, _ scope: Conversation.Scope = .dm, thread: String? = nil,
        from sender: String = "ada", replyTo: MessageID? = nil, mention: Bool = false, files: [JSONValue] = []
    ) async throws -> Said {
        var body: [String: JSONValue] = ["text": .string(text), "scope": .string(scope.rawValue)]
        body["sender"] = .string(sender)
        body["conversation"] = conversation.map(JSONValue.string)
        body["thread"] = thread.map(JSONValue.string)
        body["reply_to"] = replyTo.map { .string($0.rawValue) }
        if mention { body["mention"] = true }
        if !files.isEmpty { body["files"] = .array(files) }
        let answer = try await ask(.post, "say", .object(body))
        return Said(
            id: MessageID(answer["id"]?.scalarText ?? ""),
            conversation: Conversation.ID(answer["conversation"]?.scalarText ?? ""),
            thread: answer["thread"]?.scalarText.map { Conversation.Thread($0) },
            sender: SenderID(answer["sender"]?.scalarText ?? ""))
    }

    func inject(_ payload: JSONValue) async throws { try await ask(.post, "inject", payload) }

    func fault(_ kind: String, _ more: [String: JSONValue] = [:]) async throws {
        try await ask(.post, "faults", .object(more.merging(["kind": .string(kind)]) { $1 }))
    }

    func setWebhook(_ webhook: SimulatedWebhook) async throws {
        var body: [String: JSONValue] = ["url": .string(webhook.url), "secret": .string(webhook.secret)]
        body["verify_token"] = webhook.verifyToken.map(JSONValue.string)
        try await ask(.post, "webhook", .object(body))
    }

    func reset() async throws { try await ask(.post, "reset") }

    var sent: [JSONDocument] { get async throws { try await ask(.get, "sent").elements } }

    var calls: [JSONDocument] { get async throws { try await ask(.get, "calls").elements } }

    var waitingFaults: Int { get async throws { try await ask(.get, "faults").elements.count } }
}
