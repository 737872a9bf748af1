import Logging
import PraisonCore
import Synchronization

/// Beginning anew, and hearing first what was said before that.
extension DispatchIntake {
    /// Failures after which what is said now goes ahead of what was missed.
    static let catchUpTries = 5
    /// Until the next attempt from then on.
    private static let catchUpPause = Duration.seconds(60)

    /// A new session: what was said before it comes first.
    func begin(_ ready: JSONDocument, _ part: ShardPart) async throws {
        books.withLock { $0.owed[part] = 0 }
        guard let identity = BotAccount.Identity(ready: ready), account.identity != identity else { return }
        account.identity = identity
        try await context.cursors.save(identity.text, for: identityCursor)
    }

    /// Fetches what was missed before anything newer is heard, where that is owed.
    ///
    /// - Throws: where it can't be had now. The session is resumed then, and asks once more.
    func catchUpFirst(_ part: ShardPart) async throws {
        guard let failures = books.withLock({ $0.owed[part] }), failures < Self.catchUpTries else { return }
        do {
            try await catchUp(part)
        } catch let error as DiscordAPIError {
            try Task.checkCancellation()
            books.withLock { $0.owed[part] = failures + 1 }
            guard failures + 1 == Self.catchUpTries else { throw error }
            // From here on the session may be resumed by another process, which has to know.
            try await keepDebts()
            books.withLock { _ = $0.debtSink?.yield() }
            context.logger.error(
                "cannot fetch what was missed; what is said now goes first, and the rest follows when the API answers",
                metadata: ["reason": "\(error)"])
        }
    }

    /// Fetches late what could not be had at once, until cancelled.
    func catchUpLater() async throws {
        let (debts, sink) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        books.withLock { $0.debtSink = sink }
        // There may be one from before.
        sink.yield()
        for await _ in debts {
            while !late.isEmpty {
                try await context.clock.sleep(for: Self.catchUpPause)
                for part in late { try await catchUpLate(part) }
            }
        }
    }

    private func catchUpLate(_ part: ShardPart) async throws {
        do {
            try await catchUp(part)
            context.logger.notice("fetched what was missed after all")
        } catch {
            try Task.checkCancellation()
            context.logger.info("still cannot fetch what was missed", metadata: ["reason": "\(error)"])
        }
    }

    /// Those whose missed messages follow later, in a lasting order.
    private var late: [ShardPart] {
        books.withLock {
            $0.owed.filter { $0.value >= Self.catchUpTries }.keys.sorted { $0.description < $1.description }
        }
    }

    private func keepDebts() async throws {
        let late = late.map(\.description).joined(separator: " ")
        try await context.cursors.save(late.isEmpty ? nil : late, for: debtCursor)
    }

    /// Fetches what was missed of the servers that belong to one connection; the others do that for theirs.
    private func catchUp(_ part: ShardPart) async throws {
        if settings.catchUpLimit > 0, settings.catchUpAge > .zero {
            let oldest = context.clock.now - settings.catchUpAge
            for place in books.withLock({ $0.known.places }) where part.holds(place.guild) {
                try await catchUp(with: place, oldest)
            }
        }
        books.withLock { books in
            books.owed[part] = nil
            for place in books.meanwhile.places where !books.owed.keys.contains(where: { $0.holds(place.guild) }) {
                books.known.heard(place)
                books.meanwhile.forget(place.id)
            }
        }
        await keep()
        try await keepDebts()
    }

    private func catchUp(with place: KnownConversations.Place, _ oldest: Timestamp) async throws {
        var batch = Batch()
        var missed = 0
        for message in try await messages(missedIn: place, oldest) {
            let isKnown = message["id"]?.string.flatMap { Snowflake($0) }.map { $0 <= place.last } ?? false
            // What is known and was changed meanwhile may still wait for its answer.
            for name in isKnown ? ["MESSAGE_CREATE", "MESSAGE_UPDATE"] : ["MESSAGE_CREATE"] {
                let dispatch = GatewayPayload.Dispatch(name: name, sequence: 0, data: message, size: 0)
                for subject in missing(for: dispatch) { try await learn(subject, for: dispatch) }
                let count = batch.events.count
                read(dispatch, session: "", into: &batch)
                if !isKnown { missed += batch.events.count - count }
            }
        }
        // The rest was only looked at for changes.
        if missed > 0 {
            context.logger.info(
                "fetched what was missed", metadata: ["channel_id": "\(place.id)", "messages": "\(missed)"])
        }
        try await flush(&batch)
    }

    /// Places where the bot may not be any more have nothing to tell.
    private func messages(
        missedIn place: KnownConversations.Place, _ oldest: Timestamp
    ) async throws(DiscordAPIError) -> [JSONDocument] {
        do {
            return try await CatchUp(api: api, context: context)
                .missed(in: place, oldest: oldest, limit: settings.catchUpLimit)
        } catch {
            if error.isAbsence {
                books.withLock { $0.known.forget(place.id) }
                return []
            }
            // One place that is refused for another reason must not hide the others.
            guard let status = error.status, error.code != nil, (400..<500).contains(status), status != 401 else {
                throw error
            }
            context.logger.warning(
                "cannot fetch what was missed in one place",
                metadata: ["channel_id": "\(place.id)", "reason": "\(error)"])
            return []
        }
    }
}
