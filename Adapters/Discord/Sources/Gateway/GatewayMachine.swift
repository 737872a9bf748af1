import PraisonCore

/// Everything a connection to the gateway decides, as a value: no clock, socket or randomness of its own.
///
/// ```
///                     ┌── session ──▶ resuming ──────────┐
/// disconnected ─▶ awaitingHello                          ▶ ready ─▶ disconnected
///        ▲            └── none ──▶ waiting ─▶ identifying ┘              │
///        └──────────────── pause, perhaps without a session ────────────┘
/// ```
///
/// Source: https://docs.discord.com/developers/events/gateway#connection-lifecycle
struct GatewayMachine: Sendable {
    enum Phase: Hashable, Sendable {
        case disconnected
        case awaitingHello
        /// Until identifying is allowed.
        case waiting
        case identifying
        case resuming
        case ready
        /// We hang up, or the other end does.
        case closing
        case stopped
    }

    enum Input: Sendable {
        case connected
        case payload(GatewayPayload)
        /// - Parameter isReading: `false` while nothing is taken from the connection, since what came before waits.
        case beat(isReading: Bool)
        case identifyAllowed
        /// A session may begin only after so long.
        case identifyDelayed(Duration, reason: String)
        /// What was expected with this number has not come.
        case overdue(Int)
        /// Dispatches up to this one are in the journal.
        case stored(Int)
        /// What came can't be read on, such as a damaged compressed stream.
        case garbled(String)
        /// The journal took nothing: what it did not take has to come once more.
        case unstorable
        /// It can't be found out now where something was said, for this reason; it has to come once more too.
        case unclear(String)
        /// The other end is gone; ``GatewayMachine/ended(code:at:fraction:)`` follows when what it said is in the journal.
        case hungUp
    }

    enum Output: Hashable, Sendable {
        case heartbeat(sequence: Int?)
        case askToIdentify
        case identify
        case resume(GatewaySession)
        /// The first beat comes after a part of the interval, so that many clients do not beat together.
        case startBeating(interval: Duration)
        /// Something has to come within this time; if not, ``Input/overdue(_:)`` with the number.
        case expect(within: Duration, number: Int)
        case deliver
        /// Traffic proves that the connection works.
        case alive
        case close(reason: String)
    }

    /// How it goes on after a connection.
    enum Next: Hashable, Sendable {
        case connect(after: Duration)
        case shardAgain
        case stop(GatewayClosing.Cause)
    }

    /// Until Hello, and until READY or RESUMED.
    static let patience = Duration.seconds(30)
    /// A connection that lasted this long was no failure.
    static let goodLife = Duration.seconds(30)
    /// Resumes one after the other without a good life between them, before the session is given up.
    static let resumeBudget = 6
    /// Beats of ours per minute that the server may ask for beyond the usual ones; it allows 120 of everything.
    static let sendsPerMinute = 110

    private(set) var phase = Phase.disconnected
    /// What can be resumed.
    private(set) var session: GatewaySession?
    private var isAcknowledged = true
    private var expectations = 0
    private var resumes = 0
    private var readySince: Duration?
    private var pauses = OutagePauses()
    private var sends = SlidingCount(limit: sendsPerMinute, window: .seconds(60))
    /// The least pause before the next connection, as the server wants it.
    private var leastPause = Duration.zero
    private var wantsQuickReturn = false
    /// Whether it was closed for a trouble of ours, which says nothing against the session.
    private var isOwnTrouble = false

    init(session: GatewaySession? = nil) { self.session = session }

    /// - Parameter now: the clock's uptime.
    mutating func handle(_ input: Input, at now: Duration) -> [Output] {
        switch input {
        case .stored(let sequence):
            if let known = session?.sequence, sequence > known { session?.sequence = sequence }
            return []
        case _ where phase == .stopped || phase == .closing: return []
        case .connected: return connected()
        // Whatever comes late from a connection that is gone.
        case _ where phase == .disconnected: return []
        case .payload(let payload): return handle(payload, at: now)
        case .beat(let isReading): return beat(isReading: isReading, at: now)
        case .identifyAllowed:
            guard phase == .waiting else { return [] }
            phase = .identifying
            return [.identify, expect()]
        case .identifyDelayed(let wait, let reason):
            guard phase == .waiting else { return [] }
            leastPause = wait
            return close(reason)
        case .overdue(let number):
            guard number == expectations, phase != .ready, phase != .waiting else { return [] }
            return close("nothing came for \(Self.patience.inWords)")
        case .hungUp:
            phase = .disconnected
            return []
        case .garbled(let reason): return close(reason)
        case .unstorable: return closeForUs("the journal takes nothing now")
        case .unclear(let reason): return closeForUs(reason)
        }
    }

    /// - Parameters:
    ///   - code: what the other end said when it closed; `nil` when it said nothing, or there was no connection.
    ///   - fraction: 0..<1.
    mutating func ended(code: UInt16?, at now: Duration, fraction: Double) -> Next {
        guard phase != .stopped else { return .connect(after: OutagePauses.longestPause) }
        // What we closed ourselves says nothing through its code.
        let closing = phase == .closing ? GatewayClosing.resume : GatewayClosing(code: code)
        let wasGood = readySince.map { now - $0 >= Self.goodLife } ?? false
        var after = Phase.disconnected
        defer {
            phase = after
            readySince = nil
            leastPause = .zero
            wantsQuickReturn = false
            isOwnTrouble = false
        }
        if isOwnTrouble { resumes = max(resumes - 1, 0) }
        if wasGood {
            pauses.reset()
            resumes = 0
        }
        switch closing {
        case .fatal(let cause):
            after = .stopped
            session = nil
            return .stop(cause)
        case .shardAgain:
            session = nil
            return .shardAgain
        case .identify: session = nil
        case .resume: if resumes >= Self.resumeBudget { session = nil }
        }
        if session == nil { resumes = 0 }
        // After a good life, or where the server asked for it, back at once: within a second, not all together.
        let isQuick = (wasGood || wantsQuickReturn) && pauses.failures == 0 && code != 4008
        let pause: Duration
        if isQuick {
            pause = .seconds(1) * fraction
            if !wasGood { _ = pauses.nextPause(fraction: fraction) }
        } else {
            pause = pauses.nextPause(fraction: fraction)
        }
        return .connect(after: max(pause, leastPause + .seconds(4) * fraction * (leastPause > .zero ? 1 : 0)))
    }

    /// Where to resume has failed often enough to try where everybody begins.
    var prefersFirstAddress: Bool { pauses.failures >= 3 }

    /// Whether the last end was one of several in a row.
    var isInTrouble: Bool { pauses.failures > 0 }

    /// What is heard after this would be kept before it.
    private mutating func closeForUs(_ reason: String) -> [Output] {
        isOwnTrouble = true
        return close(reason)
    }

    // MARK: Payloads

    private mutating func connected() -> [Output] {
        guard phase == .disconnected else { return [] }
        phase = .awaitingHello
        isAcknowledged = true
        return [expect()]
    }

    private mutating func handle(_ payload: GatewayPayload, at now: Duration) -> [Output] {
        switch payload {
        case .hello(let interval): return hello(interval)
        case .acknowledgement:
            isAcknowledged = true
            return phase == .ready ? [.alive] : []
        case .heartbeatRequest:
            return phase == .awaitingHello || !sends.take(at: now) ? [] : [.heartbeat(sequence: session?.sequence)]
        case .reconnect:
            wantsQuickReturn = true
            return close("the server asks to connect anew")
        case .invalidSession(let isResumable):
            if !isResumable { session = nil }
            leastPause = .seconds(1)
            wantsQuickReturn = true
            return close(isResumable ? "the session is not there yet" : "the session is gone")
        case .dispatch(let dispatch): return handle(dispatch, at: now)
        case .unknown: return []
        }
    }

    private mutating func hello(_ interval: Duration) -> [Output] {
        guard phase == .awaitingHello else { return [] }
        guard let session else {
            phase = .waiting
            return [.startBeating(interval: interval), .askToIdentify]
        }
        phase = .resuming
        resumes += 1
        return [.startBeating(interval: interval), .resume(session), expect()]
    }

    private mutating func handle(_ dispatch: GatewayPayload.Dispatch, at now: Duration) -> [Output] {
        switch (phase, dispatch.name) {
        case (.identifying, "READY"):
            guard let id = dispatch.data["session_id"]?.string, !id.isEmpty else {
                return close("READY came without a session")
            }
            session = GatewaySession(
                id: id, resumeURL: dispatch.data["resume_gateway_url"]?.string ?? "", sequence: dispatch.sequence)
            return ready(at: now)
        case (.resuming, "RESUMED"): return ready(at: now)
        case (.ready, _): return [.deliver, .alive]
        // What was missed comes before RESUMED.
        case (.resuming, _): return [.deliver]
        default: return []
        }
    }

    private mutating func ready(at now: Duration) -> [Output] {
        phase = .ready
        readySince = now
        return [.deliver, .alive]
    }

    // MARK: Heartbeats

    private mutating func beat(isReading: Bool, at now: Duration) -> [Output] {
        guard phase != .awaitingHello else { return [] }
        // Nobody who does not read can say that nothing came.
        guard isAcknowledged || !isReading else { return close("heartbeats are not answered any more") }
        isAcknowledged = false
        return sends.take(at: now) ? [.heartbeat(sequence: session?.sequence)] : []
    }

    private mutating func expect() -> Output {
        expectations += 1
        return .expect(within: Self.patience, number: expectations)
    }

    private mutating func close(_ reason: String) -> [Output] {
        phase = .closing
        return [.close(reason: reason)]
    }
}
