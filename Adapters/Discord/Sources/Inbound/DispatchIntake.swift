import Logging
import PraisonCore
import Synchronization

/// Takes dispatches in their order, hands what they mean to the journal, and keeps the books they tell of.
final class DispatchIntake: Sendable {
    /// How long the places heard of may be newer in memory than on disk. What is missing there is fetched once more.
    private static let keepingInterval = Duration.seconds(15)

    struct Books {
        var directory = ChannelDirectory()
        var known = KnownConversations()
        var keptAt: Duration?
        /// Connections for which missed messages still have to be fetched; with the number of times that failed.
        var owed: [ShardPart: Int] = [:]
        /// Since when something can't be found out, and when that was last tried.
        var unknown: [Subject: (since: Duration, triedAt: Duration)] = [:]
        /// Tells that they have to be fetched later.
        var debtSink: AsyncStream<Void>.Continuation?
        /// What is heard until then. How far was heard before must not be forgotten over it.
        var meanwhile = KnownConversations()
        var skipped = 0
        var hasWarnedOfContent = false
    }

    let settings: DiscordSettings
    let context: ChannelContext
    let account: BotAccount
    let api: DiscordAPI
    private let interactions: InteractionBook
    let books = Mutex(Books())

    init(
        settings: DiscordSettings, context: ChannelContext, account: BotAccount, api: DiscordAPI,
        interactions: InteractionBook
    ) {
        self.settings = settings
        self.context = context
        self.account = account
        self.api = api
        self.interactions = interactions
    }

    private var knownCursor: String { settings.cursor("conversations") }
    var identityCursor: String { settings.cursor("identity") }
    var debtCursor: String { settings.cursor("catch-up") }

    /// What an earlier process knew.
    func recall() async throws {
        if account.identity == nil {
            account.identity = try await context.cursors.cursor(identityCursor).flatMap(BotAccount.Identity.init)
        }
        let known = try await context.cursors.cursor(knownCursor).map(KnownConversations.init)
        let owed = try await context.cursors.cursor(debtCursor).map(ShardPart.list) ?? []
        books.withLock { books in
            if books.known.places.isEmpty, let known { books.known = known }
            for place in books.known.places { books.directory.learn(place) }
            for part in owed { books.owed[part] = Self.catchUpTries }
        }
    }

    /// Returns once the events are in the journal.
    ///
    /// - Parameters:
    ///   - session: the gateway session the dispatches are numbered in.
    ///   - part: the connection they came by.
    /// - Throws: what ``ChannelContext/accept`` throws; ``DiscordAPIError`` where it can't be found out now what a dispatch
    ///   means. The session is resumed then, and they come once more.
    func take(_ dispatches: [GatewayPayload.Dispatch], session: String, part: ShardPart) async throws {
        var batch = Batch()
        var isAhead = false
        for (index, dispatch) in dispatches.enumerated() {
            if dispatch.name == "READY" {
                try await flush(&batch)
                try await begin(dispatch.data, part)
                // What tells of places stands behind it, and what was missed in them is asked for now.
                isAhead = true
                for later in dispatches[(index + 1)...] where Self.tellsOfPlaces.contains(later.name) { learn(later) }
            }
            try await catchUpFirst(part)
            if !isAhead || !Self.tellsOfPlaces.contains(dispatch.name) { learn(dispatch) }
            let missing = missing(for: dispatch)
            if !missing.isEmpty {
                // It may take a while, and what came before need not wait for it.
                try await flush(&batch)
                for subject in missing { try await learn(subject, for: dispatch) }
            }
            read(dispatch, session: session, into: &batch)
        }
        try await flush(&batch)
    }

    private func learn(_ dispatch: GatewayPayload.Dispatch) {
        books.withLock { $0.directory.learn(dispatch.name, dispatch.data, own: account.identity?.id) }
    }

    private static let tellsOfPlaces: Set<String> = ["GUILD_CREATE", "THREAD_LIST_SYNC"]

    /// Keeps what changed lately; for the end of a connection.
    func keep() async {
        let text = books.withLock { books -> String in
            books.keptAt = context.clock.uptime
            return books.known.text
        }
        do {
            try await context.cursors.save(text, for: knownCursor)
        } catch {
            context.logger.warning("cannot keep how far was heard", metadata: ["error": "\(error)"])
        }
    }

    // MARK: The journal

    struct Batch {
        var events: [GatewayEvent] = []
        var places: [KnownConversations.Place] = []
        var hasInteractions = false
    }

    func flush(_ batch: inout Batch) async throws {
        // Their answers may come at once, and after a restart too.
        if batch.hasInteractions { await interactions.keep() }
        if !batch.events.isEmpty { try await context.accept(batch.events) }
        let places = batch.places
        batch = Batch()
        guard !places.isEmpty else { return }
        let isDue = books.withLock { books in
            var hasNew = false
            for place in places {
                if books.owed.keys.contains(where: { $0.holds(place.guild) }) {
                    books.meanwhile.heard(place)
                } else if books.known.heard(place) {
                    hasNew = true
                }
            }
            return hasNew || books.keptAt.map { context.clock.uptime - $0 >= Self.keepingInterval } ?? true
        }
        if isDue { await keep() }
    }

    func read(_ dispatch: GatewayPayload.Dispatch, session: String, into batch: inout Batch) {
        switch reader(session: session).read(dispatch.name, dispatch.data, sequence: dispatch.sequence) {
        case .events(let events):
            batch.events += events
            warnOfMissingContent(events)
        case .nothing: break
        case .unreadable(let reason): skip(dispatch, reason)
        }
        if dispatch.name == "MESSAGE_CREATE", let place = place(of: dispatch.data) { batch.places.append(place) }
        if dispatch.name == "INTERACTION_CREATE" { batch.hasInteractions = true }
    }

    /// What just came and waits to be taken. Discord gives a command's acknowledgement three seconds, however long those
    /// before it need.
    func hears(_ dispatch: GatewayPayload.Dispatch) {
        guard dispatch.name == "INTERACTION_CREATE",
            let interaction = PendingInteraction(dispatch.data, channel: context.channel, at: context.clock.now)
        else { return }
        interactions.accept(interaction)
    }

    private func reader(session: String) -> DispatchReader {
        let identity = account.identity
        return DispatchReader(
            receiver: Receiver(
                channel: context.channel, id: identity?.id, username: identity?.username,
                receivedAt: context.clock.now),
            directory: books.withLock { $0.directory }, session: session,
            everyoneCallsTheBot: settings.everyoneCallsTheBot)
    }

    func place(of message: JSONDocument) -> KnownConversations.Place? {
        guard let channel = message["channel_id"]?.string, let id = message["id"]?.string.flatMap({ Snowflake($0) })
        else { return nil }
        let known = books.withLock { $0.directory.place(channel) }
        let thread = known.flatMap { $0.kind == .thread ? $0 : nil }
        return KnownConversations.Place(
            id: channel, guild: message["guild_id"]?.string, type: message["channel_type"]?.int,
            parent: thread?.parent, name: thread?.name, last: id)
    }

    private func skip(_ dispatch: GatewayPayload.Dispatch, _ reason: String) {
        let total = books.withLock { books in
            books.skipped += 1
            return books.skipped
        }
        context.logger.warning(
            "a dispatch could not be read and was skipped",
            metadata: ["dispatch": "\(dispatch.name)", "reason": "\(reason)", "skipped": "\(total)"])
    }

    /// A message of a server without text and anything else is what people see of a missing intent.
    private func warnOfMissingContent(_ events: [GatewayEvent]) {
        let isEmpty = events.contains { event in
            guard let message = event.message, message.kind == .message else { return false }
            return message.text.isEmpty && message.attachments.isEmpty && message.conversation.scope != .dm
        }
        guard isEmpty else { return }
        let isFirst = books.withLock { books in
            defer { books.hasWarnedOfContent = true }
            return !books.hasWarnedOfContent
        }
        guard isFirst else { return }
        context.logger.notice(
            """
            a message came without its text; unless it was only pictures, the Message Content Intent is missing \
            (https://discord.com/developers/applications, page Bot)
            """)
    }

    func events(in messages: [JSONDocument]) -> [GatewayEvent] {
        let reader = reader(session: "")
        return messages.flatMap { message -> [GatewayEvent] in
            if case .events(let events) = reader.read("MESSAGE_CREATE", message, sequence: 0) { events } else { [] }
        }
    }
}
