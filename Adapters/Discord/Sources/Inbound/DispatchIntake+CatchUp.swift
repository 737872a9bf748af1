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
    func begin(_ ready: JSONDocument) async throws {
        books.withLock { $0.owesCatchUp = 0 }
        guard let identity = BotAccount.Identity(ready: ready), account.identity != identity else { return }
        account.identity = identity
        try await context.cursors.save(identity.text, for: identityCursor)
    }

    /// Fetches what was missed before anything newer is heard, where that is owed.
    ///
    /// - Throws: where it can't be had now. The session is resumed then, and asks once more.
    func catchUpFirst() async throws {
        guard let failures = books.withLock({ $0.owesCatchUp }), failures < Self.catchUpTries else { return }
        do {
            try await catchUp()
        } catch let error as DiscordAPIError {
            try Task.checkCancellation()
            books.withLock { $0.owesCatchUp = failures + 1 }
            guard failures + 1 == Self.catchUpTries else { throw error }
            // From here on the session may be resumed by another process, which has to know.
            try await context.cursors.save("owed", for: debtCursor)
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
            while books.withLock({ $0.owesCatchUp ?? 0 }) >= Self.catchUpTries {
                try await context.clock.sleep(for: Self.catchUpPause)
                do {
                    try await catchUp()
                    context.logger.notice("fetched what was missed after all")
                } catch {
                    try Task.checkCancellation()
                    context.logger.info("still cannot fetch what was missed", metadata: ["reason": "\(error)"])
                }
            }
        }
    }

    private func catchUp() async throws {
        if settings.catchUpLimit > 0, settings.catchUpAge > .zero {
            let oldest = context.clock.now - settings.catchUpAge
            for place in books.withLock({ $0.known.places }) { try await catchUp(with: place, oldest) }
        }
        books.withLock { books in
            for place in books.meanwhile.places { books.known.heard(place) }
            books.meanwhile = KnownConversations()
            books.owesCatchUp = nil
        }
        await keep()
        try await context.cursors.save(nil, for: debtCursor)
    }

    private func catchUp(with place: KnownConversations.Place, _ oldest: Timestamp) async throws {
        var batch = Batch()
        for message in try await missed(in: place, oldest) {
            let isKnown = message["id"]?.string.flatMap { Snowflake($0) }.map { $0 <= place.last } ?? false
            // What is known and was changed meanwhile may still wait for its answer.
            for name in isKnown ? ["MESSAGE_CREATE", "MESSAGE_UPDATE"] : ["MESSAGE_CREATE"] {
                let dispatch = GatewayPayload.Dispatch(name: name, sequence: 0, data: message, size: 0)
                await learnWhatIsMissing(for: dispatch)
                read(dispatch, session: "", into: &batch)
            }
        }
        if !batch.events.isEmpty {
            context.logger.info(
                "fetched what may have been missed",
                metadata: ["channel_id": "\(place.id)", "messages": "\(batch.events.count)"])
        }
        try await flush(&batch)
    }

    /// Places where the bot may not be any more have nothing to tell.
    private func missed(
        in place: KnownConversations.Place, _ oldest: Timestamp
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
