import Logging
import PraisonCore
import Synchronization

/// One shard of a bot: keeps a connection to the gateway, for as long as the channel runs.
final class Shard: Sendable {
    /// The bot has to be divided anew.
    struct Regrouping: Error {}

    let number: Int
    let count: Int
    let context: ChannelContext
    let settings: DiscordSettings
    let desk: GatewayDesk
    let intake: DispatchIntake
    private let health: ShardHealth
    private let machine: Mutex<GatewayMachine>
    /// What the session was asked to tell.
    private let intents: Mutex<GatewayIntents>

    init(
        number: Int, of count: Int, settings: DiscordSettings, context: ChannelContext, desk: GatewayDesk,
        intake: DispatchIntake, health: ShardHealth, stored: StoredSession?
    ) {
        self.number = number
        self.count = count
        self.settings = settings
        self.context = context
        self.desk = desk
        self.intake = intake
        self.health = health
        // A session goes on telling what it was asked for at first, whatever is configured now.
        let usable = stored.flatMap { settings.isServed(by: $0.intents) ? $0 : nil }
        machine = Mutex(GatewayMachine(session: usable?.session))
        intents = Mutex(usable?.intents ?? [])
    }

    var part: ShardPart { ShardPart(number: number, of: count) }

    static func cursor(_ number: Int, of count: Int, _ settings: DiscordSettings) -> String {
        settings.cursor("session/\(number)/\(count)")
    }

    func identifies(with intents: GatewayIntents) { self.intents.withLock { $0 = intents } }

    var session: GatewaySession? { machine.withLock { $0.session } }

    func handle(_ input: GatewayMachine.Input) -> [GatewayMachine.Output] {
        let now = context.clock.uptime
        return machine.withLock { $0.handle(input, at: now) }
    }

    func hears() { health.hears(number) }

    /// There is no session, and none may begin yet.
    func waits(_ reason: String) { health.fails(number, reason) }

    /// Dispatches up to `sequence` are in the journal.
    func stored(_ sequence: Int) async {
        _ = handle(.stored(sequence))
        guard let session else { return }
        do {
            let stored = StoredSession(session: session, intents: intents.withLock { $0 })
            try await context.cursors.save(stored.text, for: Self.cursor(number, of: count, settings))
        } catch {
            // The journal knows these dispatches; a restart only hears some of them once more.
            context.logger.warning("cannot keep the session", metadata: ["error": "\(error)"])
        }
    }

    /// Connects until cancelled.
    ///
    /// - Throws: ``ChannelError/unauthorized(reason:)`` where only people can help, ``Regrouping``.
    func run() async throws {
        while true {
            try Task.checkCancellation()
            let ending = try await connection()
            try Task.checkCancellation()
            let fraction = context.entropy.fraction()
            let now = context.clock.uptime
            let (next, isInTrouble) = machine.withLock { machine in
                (machine.ended(code: ending.code, at: now, fraction: fraction), machine.isInTrouble)
            }
            switch next {
            case .stop(let cause): throw explanation(of: cause)
            case .shardAgain: throw Regrouping()
            case .connect(let pause):
                if isInTrouble { health.fails(number, ending.reason) }
                context.logger.log(
                    level: isInTrouble ? .warning : .debug, "not connected, connecting again",
                    metadata: [
                        "reason": "\(ending.reason)", "pause": "\(pause.inWords)", "shard": "\(number)",
                        "resumes": "\(session != nil)",
                    ])
                try await context.clock.sleep(for: pause)
            }
        }
    }

    struct Ending {
        var code: UInt16?
        var reason: String
    }

    private func connection() async throws -> Ending {
        do {
            let (session, isLost) = machine.withLock { ($0.session, $0.prefersFirstAddress) }
            let base: String
            if let session, !isLost, GatewayAddress.isUsable(session.resumeURL) {
                base = session.resumeURL
            } else {
                base = try await desk.address()
            }
            return try await ShardConnection(shard: self).run(base)
        } catch let error as DiscordAPIError {
            if error.isAboutTheToken { throw error.channelError(for: context.channel) }
            return Ending(code: nil, reason: "cannot reach the API: \(error)")
        } catch let error as WebSocketConnectError {
            return Ending(code: nil, reason: Self.words(for: error))
        }
    }

    private static func words(for error: WebSocketConnectError) -> String {
        switch error {
        case .invalidURL: "the gateway's address is none"
        case .transport(let error): "cannot reach the gateway: \(error)"
        case .refused(let status, _): "the gateway refused the connection with status \(status)"
        case .invalidHandshake(let reason): "the gateway's handshake is wrong: \(reason)"
        }
    }

    /// What a person can do about it.
    private func explanation(of cause: GatewayClosing.Cause) -> ChannelError {
        switch cause {
        case .authenticationFailed:
            return DiscordAPIError.refusedToken(context.channel, with: "close code \(cause.rawValue)")
        case .disallowedIntents: return disallowed(intents.withLock { $0 })
        case .invalidIntents:
            return .unauthorized(
                reason: "discord does not know what was asked for (close code 4013); update this program")
        case .invalidVersion:
            return .unauthorized(
                reason:
                    "discord does not offer version 10 of its gateway any more (close code 4012); update this program")
        }
    }

    private func disallowed(_ intents: GatewayIntents) -> ChannelError {
        let portal = "https://discord.com/developers/applications"
        let asked = "discord does not allow what was asked for (close code 4014)"
        let names = intents.privileged.map(\.name)
        guard !names.isEmpty else {
            return .unauthorized(
                reason:
                    "\(asked), though that needs no permission; look at the application at \(portal), and restart the "
                    + "channel")
        }
        let settings = intents.privileged.map { "channels.\(context.channel).\($0.setting)" }
        return .unauthorized(
            reason: "\(asked): switch on \(names.joined(separator: " and ")) at \(portal), page Bot, or set "
                + "\(settings.joined(separator: " and ")), and restart the channel")
    }
}
