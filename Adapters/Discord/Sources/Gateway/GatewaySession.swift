import PraisonCore

/// What it takes to go on where a connection broke off.
struct GatewaySession: Hashable, Sendable {
    var id: String
    /// Where to resume, as READY told; without query.
    var resumeURL: String
    /// The last dispatch that is in the journal. Everything after it is replayed.
    var sequence: Int
}

/// A session as it is kept across restarts, with what it was asked to tell.
struct StoredSession: Hashable, Sendable {
    var session: GatewaySession
    var intents: GatewayIntents
}

extension StoredSession {
    init?(_ text: String) {
        guard let document = try? JSONDocument(parsing: text), let id = document["session_id"]?.string,
            let resumeURL = document["resume_gateway_url"]?.string, let sequence = document["seq"]?.int,
            let intents = document["intents"]?.int
        else { return nil }
        self.init(
            session: GatewaySession(id: id, resumeURL: resumeURL, sequence: sequence),
            intents: GatewayIntents(rawValue: intents))
    }

    var text: String {
        JSONValue.object([
            "session_id": .string(session.id), "resume_gateway_url": .string(session.resumeURL),
            "seq": JSONValue(session.sequence), "intents": JSONValue(intents.rawValue),
        ]).text()
    }
}
