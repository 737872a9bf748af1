import Logging
import PraisonCore

/// Fetches what was said while nobody listened and no session could be resumed, of the places known from before.
struct CatchUp: Sendable {
    /// Messages this little older than the last one heard are fetched as well: something may have overtaken them, or
    /// they were changed meanwhile and still wait. The journal knows those it has.
    static let overlap = Duration.seconds(300)
    private static let pageSize = 100
    private static let maximumTries = 3

    let api: DiscordAPI
    let context: ChannelContext

    /// The missed messages of one place, oldest first: message objects, completed by what only dispatches tell.
    ///
    /// - Parameters:
    ///   - oldest: older ones are left alone.
    ///   - limit: at most so many, the newest.
    func missed(in place: KnownConversations.Place, oldest: Timestamp, limit: Int) async throws(DiscordAPIError)
        -> [JSONDocument]
    {
        let heard = Snowflake(at: place.last.timestamp - Self.overlap)
        return try await messages(in: place.id, after: max(heard, Snowflake(at: oldest)), limit: limit)
            .map { Self.completed($0, place) }
    }

    /// - Returns: the newest messages after `mark`, oldest first, at most `limit`.
    func messages(in channel: String, after mark: Snowflake, limit: Int) async throws(DiscordAPIError) -> [JSONDocument]
    {
        // Most often little was missed, and one question brings all of it.
        let first = min(Self.pageSize, limit)
        let next = try await page(of: channel, [("limit", String(first)), ("after", mark.text)]).elements
        if next.count < first { return Self.sorted(next) }
        var found: [JSONDocument] = []
        var before: String?
        while found.count < limit {
            let size = min(Self.pageSize, limit - found.count)
            var query = [(name: "limit", value: String(size))]
            if let before { query.append((name: "before", value: before)) }
            let page = try await page(of: channel, query).elements
            let fresh = page.filter { ($0["id"]?.string.flatMap { Snowflake($0) }).map { $0 > mark } ?? false }
            found += fresh
            guard page.count == size, fresh.count == page.count else { break }
            before = page.last?["id"]?.string
        }
        return Self.sorted(found)
    }

    private static func sorted(_ messages: [JSONDocument]) -> [JSONDocument] {
        messages.compactMap { message in
            message["id"]?.string.flatMap { Snowflake($0) }.map { (number: $0, message: message) }
        }.sorted { $0.number < $1.number }.map(\.message)
    }

    private func page(
        of channel: String, _ query: [(name: String, value: String)]
    ) async throws(DiscordAPIError) -> JSONDocument {
        var tries = 0
        while true {
            do {
                return try await api.call(.messages(in: channel), query: query, asker: "catch-up/\(channel)")
            } catch {
                tries += 1
                guard case .limited(let wait) = error.cause, tries < Self.maximumTries else { throw error }
                do { try await context.clock.sleep(for: wait) } catch _ { throw error }
            }
        }
    }

    /// A message that is asked for does not say in which server and kind of channel it is.
    private static func completed(_ message: JSONDocument, _ place: KnownConversations.Place) -> JSONDocument {
        guard case .object(var members) = message.value else { return message }
        if let guild = place.guild { members["guild_id"] = .string(guild) }
        if let type = place.type { members["channel_type"] = JSONValue(type) }
        members["channel_id"] = .string(place.id)
        return (try? JSONDocument(parsing: JSONValue.object(members).bytes())) ?? message
    }
}
