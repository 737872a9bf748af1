import Logging
import PraisonCore
import Synchronization

/// A slash command, button or form that waits for its answer.
///
/// Source: https://docs.discord.com/developers/interactions/receiving-and-responding
struct PendingInteraction: Hashable, Sendable {
    /// How long its token is good.
    static let lifetime = Duration.seconds(15 * 60 - 10)

    enum Kind: Int, Hashable, Sendable {
        case command = 2
        case component = 3
        case autocomplete = 4
        case form = 5
    }

    var event: EventID
    var id: String
    var application: String
    var token: Secret
    var kind: Kind
    var expiresAt: Timestamp
    /// The message that took the place of the waiting sign.
    var firstKey: String?
    /// Whether nothing more is done to acknowledge it: an answer need not wait. What an earlier process left was
    /// acknowledged by it.
    var isSettled = false

    init?(_ data: JSONDocument, channel: ChannelName, at now: Timestamp) {
        guard let id = data["id"]?.string, let token = data["token"]?.string,
            let kind = data["type"]?.int.flatMap({ Kind(rawValue: $0) })
        else { return nil }
        self.id = id
        self.token = Secret(token)
        self.kind = kind
        event = EventID("\(channel)/interaction/\(id)")
        application = data["application_id"]?.string ?? ""
        expiresAt = (Snowflake(id)?.timestamp ?? now) + Self.lifetime
        // Recordings and simulated clocks: what just came is not old.
        if expiresAt < now { expiresAt = now + Self.lifetime }
    }

    // MARK: Kept across restarts

    init?(_ document: JSONDocument) {
        guard let event = document["event"]?.string, let id = document["id"]?.string,
            let application = document["application"]?.string, let token = document["token"]?.string,
            let kind = document["kind"]?.int.flatMap({ Kind(rawValue: $0) }), let time = document["expires"]?.integer
        else { return nil }
        self.event = EventID(event)
        self.id = id
        self.application = application
        self.token = Secret(token)
        self.kind = kind
        expiresAt = Timestamp(microseconds: time)
        firstKey = document["first_key"]?.string
        isSettled = true
    }

    var json: JSONValue {
        [
            "event": .string(event.rawValue), "id": .string(id), "application": .string(application),
            "token": .string(token.reveal()), "kind": JSONValue(kind.rawValue),
            "expires": JSONValue(expiresAt.microseconds), "first_key": JSONValue(firstKey),
        ]
    }
}

/// Acknowledges interactions within the three seconds Discord waits, and keeps the commands' tokens until they are
/// answered, also across a restart.
final class InteractionBook: Sendable {
    /// Commands that may wait at once; the oldest goes first, and is answered like any message.
    private static let capacity = 100
    /// How long Discord waits for an acknowledgement.
    private static let answerTime = Duration.seconds(3)
    /// Of one attempt: there is to be time for another.
    private static let attemptLimits = HTTPLimits(
        connect: .seconds(2), firstByte: .seconds(1), idle: .seconds(1), total: .seconds(3))

    /// Commands that are remembered, for tests of what grows.
    var count: Int { state.withLock { $0.pending.count } }

    private struct State {
        var pending: [PendingInteraction] = []
        var sink: AsyncStream<PendingInteraction>.Continuation?
    }

    private let cursor: String
    private let context: ChannelContext
    private let api: DiscordAPI
    private let state = Mutex(State())

    init(settings: DiscordSettings, context: ChannelContext, api: DiscordAPI) {
        cursor = settings.cursor("interactions")
        self.context = context
        self.api = api
    }

    /// What an earlier process had not answered yet.
    func recall() async throws {
        let text = try await context.cursors.cursor(cursor) ?? "[]"
        let stored = ((try? JSONDocument(parsing: text))?.elements ?? []).compactMap(PendingInteraction.init)
        state.withLock { state in
            if state.pending.isEmpty { state.pending = stored.suffix(Self.capacity).filter { !isOver($0) } }
        }
    }

    private func isOver(_ interaction: PendingInteraction) -> Bool { interaction.expiresAt <= context.clock.now }

    /// One that just came: ``run()`` acknowledges it at once, whether or not the journal has it yet. It comes once more
    /// where the journal did not take it.
    func accept(_ interaction: PendingInteraction) {
        state.withLock { state in
            if interaction.kind == .command, !state.pending.contains(where: { $0.id == interaction.id }) {
                state.pending.removeAll { isOver($0) }
                state.pending.append(interaction)
                if state.pending.count > Self.capacity { state.pending.removeFirst() }
            }
            state.sink?.yield(interaction)
        }
    }

    /// Acknowledges until cancelled.
    func run() async {
        let (stream, sink) = AsyncStream.makeStream(of: PendingInteraction.self, bufferingPolicy: .bufferingNewest(100))
        state.withLock { $0.sink = sink }
        await withDiscardingTaskGroup { group in
            // Side by side: one that hangs must not make the others late.
            for await interaction in stream { group.addTask { await self.acknowledge(interaction) } }
        }
    }

    /// Type 5 shows that an answer is being made; 6 only ends the button's waiting; 8 suggests nothing.
    ///
    /// Source: https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object
    private func acknowledge(_ interaction: PendingInteraction) async {
        let body: JSONValue =
            switch interaction.kind {
            case .command: ["type": 5]
            case .component, .form: ["type": 6]
            case .autocomplete: ["type": 8, "data": ["choices": []]]
            }
        let deadline = context.clock.uptime + Self.answerTime
        while true {
            do throws(DiscordAPIError) {
                try await api.call(
                    .respond(to: interaction.id, token: interaction.token.reveal()), body, asker: interaction.id,
                    hiding: interaction.token, limits: Self.attemptLimits)
                return settle(interaction.id)
            } catch {
                // 40060: acknowledged already, by an attempt whose answer got lost, or before a resume.
                if error.code == 40060 { return settle(interaction.id) }
                let pause = Self.pause(after: error)
                if let pause, context.clock.uptime + pause < deadline {
                    do { try await context.clock.sleep(for: pause) } catch _ { return }
                    continue
                }
                if Task.isCancelled { return }
                context.logger.info("an interaction was not acknowledged", metadata: ["reason": "\(error)"])
                // Where nobody told what became of it, its waiting sign may be there after all.
                return pause == nil ? forget(interaction.id) : settle(interaction.id)
            }
        }
    }

    /// - Returns: `nil` where another attempt would come to the same.
    private static func pause(after error: DiscordAPIError) -> Duration? {
        switch error.cause {
        case .limited(let wait): wait
        case .refused(status: 400..<500, _): nil
        case .refused, .garbled, .noAnswer: .milliseconds(200)
        }
    }

    private func settle(_ id: String) {
        state.withLock { state in
            guard let index = state.pending.firstIndex(where: { $0.id == id }) else { return }
            state.pending[index].isSettled = true
        }
    }

    /// The command that an answer is for, if its token is still good.
    ///
    /// - Parameter key: of the message; the first one takes the place of the waiting sign, also when it is tried again.
    /// - Returns: the interaction, and whether this is the first message.
    func claim(_ event: EventID?, key: String) async -> (interaction: PendingInteraction, isFirst: Bool)? {
        guard let event else { return nil }
        await acknowledgement(of: event)
        let (claimed, isNew) = state.withLock { state -> (PendingInteraction?, Bool) in
            guard let index = state.pending.firstIndex(where: { $0.event == event }) else { return (nil, false) }
            guard !isOver(state.pending[index]) else {
                state.pending.remove(at: index)
                return (nil, true)
            }
            let isNew = state.pending[index].firstKey == nil
            if isNew { state.pending[index].firstKey = key }
            return (state.pending[index], isNew)
        }
        if isNew { await keep() }
        return claimed.map { ($0, $0.firstKey == key) }
    }

    /// Returns once the command has its waiting sign, or can't have one any more: an answer must not overtake it.
    private func acknowledgement(of event: EventID) async {
        let deadline = context.clock.uptime + Self.answerTime
        while context.clock.uptime < deadline,
            state.withLock({ $0.pending.contains { $0.event == event && !$0.isSettled } })
        {
            do { try await context.clock.sleep(for: .milliseconds(20)) } catch { return }
        }
    }

    /// Its token is of no use any more.
    func forget(_ id: String) { state.withLock { state in state.pending.removeAll { $0.id == id } } }

    /// Those that wait are known after a restart too.
    func keep() async {
        let text = state.withLock { JSONValue.array($0.pending.map(\.json)).text() }
        do {
            try await context.cursors.save(text, for: cursor)
        } catch {
            context.logger.warning("cannot keep the commands that wait", metadata: ["error": "\(error)"])
        }
    }
}
