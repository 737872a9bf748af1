import AdapterCatalog
import Logging
import PraisonConfig
import PraisonCore
import PraisonGateway
import PraisonNet
import PraisonSimulation
import PraisonStore

/// A whole gateway for recorded payloads: the real stops from journal to send, an ``EchoAgent`` in every agent's place,
/// a simulated platform in memory, time that passes only when everybody waits for it, and foretold randomness. The same
/// payloads come to the same bytes.
struct ReplayStage {
    let channel: ChannelSettings
    private let entry: CatalogEntry
    private let gateway: Gateway
    private let journal: SettlingJournal
    private let store: SQLiteJournal
    private let simulator: any PlatformSimulator
    private let recorder: CallRecorder
    private let time: VirtualTime
    private let policy: AccessPolicy
    private let router: Router
    private let receiver: Receiver

    /// - Parameters:
    ///   - channel: its rules are kept; its account is the simulator's.
    ///   - bot: the account the payloads were recorded for.
    init(
        _ configuration: GatewayConfiguration, channel: ChannelSettings, entry: CatalogEntry, botID: SenderID,
        botUsername: String
    ) throws {
        guard let simulator = entry.simulator else {
            throw CommandFailure(.usage, "this build has no simulator of \(entry.platform), so it cannot be replayed")
        }
        let clock = VirtualClock()
        let silence = Logger(label: "replay") { _ in SwiftLogNoOpLogHandler() }
        // Randomness of its own for each, so that neither's order matters to the other.
        let platform = simulator.init(
            clock: clock, entropy: SeededEntropy(seed: 2), client: InMemoryHTTPClient(HTTPRouter()),
            cryptography: OpenSSLCryptography())
        recorder = CallRecorder(platform)
        store = try SQLiteJournal(.memory, clock: clock, logger: silence)
        let time = VirtualTime(of: clock)
        journal = SettlingJournal(store, time)
        let agents = configuration.agents.map(\.name)
        var configuration = configuration
        configuration.channels = [channel]
        gateway = Gateway(
            configuration, agents: agents.map(EchoAgent.init),
            descriptions: agents.map { AgentDescription(name: $0, model: "replay/echo") },
            adapters: [entry.adapter.replaying], journal: journal,
            surroundings: Gateway.Surroundings(
                clock: clock, entropy: SeededEntropy(seed: 1), http: InMemoryHTTPClient(recorder),
                webSocket: NoWebSocketClient(), cryptography: OpenSSLCryptography(), logger: silence))
        self.channel = channel
        self.time = time
        self.simulator = platform
        self.entry = entry
        policy = AccessPolicy(channel.access)
        router = Router(channel.routing)
        receiver = Receiver(channel: channel.name, id: botID, username: botUsername, receivedAt: clock.now)
    }

    /// Plays the payloads in order and hands each on as soon as everything it leads to has happened.
    ///
    /// - Returns: how many could not be read.
    func play(
        _ payloads: [ReplayInput.Payload], _ take: @escaping @Sendable (ReplayedPayload) -> Void
    ) async throws -> Int {
        let unread = try await time.run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { [gateway] in try await gateway.run() }
                defer { group.cancelAll() }
                var unread = 0
                var rest = payloads[...]
                while !rest.isEmpty {
                    let count = albumLength(at: rest)
                    for played in try await play(Array(rest.prefix(count))) {
                        take(played)
                        if !played.problems.isEmpty { unread += 1 }
                    }
                    rest = rest.dropFirst(count)
                }
                return unread
            }
        }
        try await store.close()
        return unread
    }

    /// How many payloads are parts of one album, which platforms deliver in one go.
    private func albumLength(at payloads: ArraySlice<ReplayInput.Payload>) -> Int {
        func album(_ payload: ReplayInput.Payload) -> String? { events(in: payload).first?.message?.album }
        guard let first = payloads.first, let name = album(first) else { return 1 }
        return payloads.prefix { album($0) == name }.count
    }

    private func events(in payload: ReplayInput.Payload) -> [GatewayEvent] {
        guard case .success(let document) = payload.content else { return [] }
        let alone = entry.adapter.events(in: document, for: receiver)
        guard !payload.earlier.isEmpty else { return alone }
        // A channel's payload may be read by what others told of the channel.
        let known = events(in: payload.earlier)
        let more = events(in: payload.earlier + [document]).dropFirst(known.count)
        return more.isEmpty ? alone : Array(more)
    }

    /// What to say of a payload without events.
    private func noteOfSilence(_ payload: ReplayInput.Payload, isRead: Bool) -> String? {
        let other = PlatformGuess.other(than: entry, for: payload)
            .map { "it is a payload of \($0), so play it with --platform \($0)" }
        guard isRead else { return other }
        return (["nothing in it concerns the bot"] + [other].compactMap { $0 }).joined(separator: ": ")
    }

    private func events(in list: [JSONDocument]) -> [GatewayEvent] {
        let text = JSONValue.array(list.map(\.value)).bytes()
        return (try? JSONDocument(parsing: text)).map { entry.adapter.events(in: $0, for: receiver) } ?? []
    }

    private func play(_ payloads: [ReplayInput.Payload]) async throws -> [ReplayedPayload] {
        var played: [ReplayedPayload] = []
        var accepted: [GatewayEvent] = []
        var repeated: Set<EventID> = []
        for payload in payloads {
            var result = ReplayedPayload(source: payload.source)
            switch payload.content {
            case .failure(let error): result.problems = ["\(error)"]
            case .success(let document):
                result.events = events(in: payload)
                result.problems = entry.adapter.problems(in: document, for: receiver)
                if result.events.isEmpty {
                    result.note = noteOfSilence(payload, isRead: result.problems.isEmpty)
                }
                // So that the platform knows the chats it will be asked to write to.
                try? simulator.inject(document)
            }
            for event in result.events where try await journal.outcome(of: event.id) != nil {
                repeated.insert(event.id)
            }
            accepted += result.events
            played.append(result)
        }
        try await gateway.accept(accepted)
        guard await time.passes(until: { [journal] in journal.isSettled }) else {
            throw CommandFailure(.failed, "\(payloads[0].source): nothing goes on, and it is not done: a fault of ours")
        }
        var calls = recorder.take()
        for index in played.indices {
            try await explain(&played[index], repeated)
            // What an album leads to stands with its first part.
            if played[index].access == "allow" || index == played.count - 1 {
                played[index].outbound = calls
                calls = []
            }
        }
        return played
    }

    private func explain(_ payload: inout ReplayedPayload, _ repeated: Set<EventID>) async throws {
        var decisions: [String] = []
        var notes: [String] = []
        if !payload.problems.isEmpty {
            notes.append("could not be read: \(payload.problems.joined(separator: "; "))")
        }
        if let note = payload.note { notes.append(note) }
        for event in payload.events {
            guard let message = event.message else { continue }
            let decision: String
            switch policy.decide(message, isPaired: false) {
            case .answer(let trust):
                decision = "allow"
                let route = router.route(for: event)
                payload.agent = payload.agent ?? route?.agent
                notes.append("\(route?.rule ?? "no route"), \(trust.rawValue)")
            case .ignore: decision = "ignore"
            case .pair: decision = "pair"
            }
            if !decisions.contains(decision) { decisions.append(decision) }
            if repeated.contains(event.id) {
                notes.append("delivered before, so nothing is done again")
            } else if let outcome = try await journal.outcome(of: event.id) {
                notes.append(Self.words(for: outcome))
            }
        }
        if !decisions.isEmpty { payload.access = decisions.joined(separator: ", ") }
        if !notes.isEmpty { payload.note = notes.joined(separator: "; ") }
    }

    private static func words(for outcome: TurnOutcome) -> String {
        switch outcome.status {
        case .answered: "answered"
        default: outcome.status.rawValue + (outcome.reason.map { ": \($0)" } ?? "")
        }
    }
}
