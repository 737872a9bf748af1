import Logging
import PraisonCore
import Synchronization

/// One connection to the gateway, from its opening to its end.
///
/// ```
/// socket ─▶ read ─▶ GatewayMachine ─▶ DispatchQueue ─▶ store ─▶ journal
///              heartbeats, identify, watchdogs: chores
/// ```
///
/// Reading never waits for the journal, so that heartbeats are answered while it is slow; only a full queue makes it
/// wait, and then nobody takes the silence for a dead connection.
final class ShardConnection: Sendable {
    private static let messageLimit = 8 << 20
    /// Until a session may begin, with an open connection.
    private static let longestWait = Duration.seconds(60)
    /// Bytes of one payload after decompression.
    private static let payloadLimit = 16 << 20

    private enum Chore: Sendable {
        case beat(every: Duration)
        case expect(within: Duration, number: Int)
        case identify
    }

    private let shard: Shard
    private let queue = DispatchQueue()
    private let (chores, choreSink) = AsyncStream.makeStream(of: Chore.self)
    private let isReading = Atomic(true)
    /// Why we hung up; the other end's code says nothing then.
    private let ownReason: Mutex<String?> = Mutex(nil)

    private var context: ChannelContext { shard.context }

    init(shard: Shard) { self.shard = shard }

    /// - Throws: ``WebSocketConnectError``, ``DiscordAPIError``, ``ChannelError`` or `CancellationError`.
    func run(_ base: String) async throws -> Shard.Ending {
        let compresses = context.webSocket.zlibInflater() != nil
        let address = GatewayAddress(base, compresses: compresses)
        let limits = WebSocketLimits(connect: .seconds(15), messageSize: Self.messageLimit)
        return try await context.webSocket.connect(
            to: address.url, headers: ["User-Agent": DiscordAPI.userAgent], limits: limits
        ) { connection in
            try await self.converse(connection, compresses: compresses)
        }
    }

    private func converse(_ connection: any WebSocketConnection, compresses: Bool) async throws -> Shard.Ending {
        async let stored: Void = store(connection)
        async let done: Void = doChores(connection)
        do {
            await feed(.connected, connection)
            try await read(connection, compresses ? context.webSocket.zlibInflater() : nil)
            // What came before the end counts; the session may be gone with the connection. It may take a while to store,
            // in which nothing is expected from the other end any more.
            await feed(.hungUp, connection)
            queue.finish()
            await stored
            await shard.intake.keep()
            choreSink.finish()
            try await done
        } catch {
            // 1000 and 1001, as others would close now, would end the session.
            connection.close(GatewayClosing.keepingSession, reason: "")
            queue.finish()
            choreSink.finish()
            throw error
        }
        let code = await connection.closeCode?.rawValue
        let said = code.map { "close code \($0)" } ?? "no close code"
        return Shard.Ending(code: code, reason: ownReason.withLock { $0 } ?? "the gateway hung up (\(said))")
    }

    // MARK: Reading

    private func read(_ connection: any WebSocketConnection, _ inflater: (any StreamInflater)?) async throws {
        while let message = try await connection.receive() {
            guard let bytes = await undo(message, inflater, connection) else { continue }
            do {
                await feed(.payload(try GatewayPayload(try JSONDocument(parsing: bytes))), connection)
            } catch {
                context.logger.warning("a payload could not be read and was skipped", metadata: ["reason": "\(error)"])
            }
            if queue.isFull {
                isReading.store(false, ordering: .relaxed)
                await queue.room()
                isReading.store(true, ordering: .relaxed)
            }
        }
        try Task.checkCancellation()
    }

    /// A message as it was before compression; `nil` when it is not all there yet. Text is never compressed.
    private func undo(
        _ message: WebSocketMessage, _ inflater: (any StreamInflater)?, _ connection: any WebSocketConnection
    ) async -> [UInt8]? {
        switch message {
        case .text(let text): return Array(text.utf8)
        case .binary(let bytes):
            guard let inflater else { return bytes }
            do {
                let limit = Self.payloadLimit - partial.withLock { $0.count }
                let piece = try inflater.inflate(bytes, limit: max(limit, 0))
                // A payload ends where the stream was flushed.
                let isWhole = bytes.suffix(4) == [0x00, 0x00, 0xFF, 0xFF]
                return partial.withLock { partial in
                    partial += piece
                    guard isWhole else { return nil }
                    defer { partial = [] }
                    return partial
                }
            } catch {
                await feed(.garbled("what the gateway sent can't be decompressed (\(error))"), connection)
                return nil
            }
        }
    }

    /// The beginning of a payload that came in several messages.
    private let partial: Mutex<[UInt8]> = Mutex([])

    // MARK: Storing

    private func store(_ connection: any WebSocketConnection) async {
        // A session that was lost meanwhile still numbers what came in it.
        var session = ""
        while let dispatches = await queue.take() {
            do {
                if let id = shard.session?.id { session = String(id.prefix(8)) }
                try await shard.intake.take(dispatches, session: session, part: shard.part)
                if let last = dispatches.map(\.sequence).max() { await shard.stored(last) }
            } catch {
                if !Task.isCancelled {
                    context.logger.warning(
                        error is DiscordAPIError
                            ? "cannot find out where something was said; it will be asked for once more"
                            : "what was heard can't be kept; it will be asked for once more",
                        metadata: ["error": "\(error)"])
                }
                // Nothing after this may be kept either: the order would be lost.
                let unclear = (error as? DiscordAPIError).map { "cannot ask where something was said: \($0)" }
                await feed(unclear.map(GatewayMachine.Input.unclear) ?? .unstorable, connection)
                queue.finish()
                return
            }
        }
    }

    // MARK: Deciding and doing

    private func feed(_ input: GatewayMachine.Input, _ connection: any WebSocketConnection) async {
        for output in shard.handle(input) {
            switch output {
            case .heartbeat(let sequence):
                await send(1, sequence.map { JSONValue($0) } ?? .null, connection)
            case .askToIdentify: choreSink.yield(.identify)
            case .identify: await identify(connection)
            case .resume(let session):
                await send(
                    6,
                    [
                        "token": .string(shard.settings.token.reveal()), "session_id": .string(session.id),
                        "seq": JSONValue(session.sequence),
                    ], connection)
            case .startBeating(let interval): choreSink.yield(.beat(every: interval))
            case .expect(let within, let number): choreSink.yield(.expect(within: within, number: number))
            case .deliver:
                guard case .payload(.dispatch(let dispatch)) = input else { continue }
                shard.intake.hears(dispatch)
                queue.add(dispatch)
            case .alive: shard.hears()
            case .close(let reason):
                ownReason.withLock { $0 = reason }
                connection.close(GatewayClosing.keepingSession, reason: "")
            }
        }
    }

    /// A session may begin only so often. Who has to wait for long is no peer to Discord meanwhile.
    private func waitToIdentify(_ connection: any WebSocketConnection) async throws {
        while true {
            let wait = try await shard.desk.permission(shard: shard.number)
            guard wait > .zero else { return await feed(.identifyAllowed, connection) }
            if wait > IdentifyBudget.spacing {
                let reason = "waiting \(wait.inWords) for a new session; discord allows only so many a day"
                context.logger.notice("\(reason)", metadata: ["shard": "\(shard.number)"])
                shard.waits(reason)
                if wait > Self.longestWait { return await feed(.identifyDelayed(wait, reason: reason), connection) }
            }
            try await context.clock.sleep(for: wait)
        }
    }

    private func identify(_ connection: any WebSocketConnection) async {
        guard let intents = try? await shard.desk.intents() else { return }
        shard.identifies(with: intents)
        await send(
            2,
            [
                "token": .string(shard.settings.token.reveal()), "intents": JSONValue(intents.rawValue),
                "properties": ["os": "linux", "browser": "praisonai", "device": "praisonai"],
                "shard": [JSONValue(shard.number), JSONValue(shard.count)], "compress": false, "large_threshold": 50,
            ], connection)
    }

    private func send(_ opcode: Int, _ data: JSONValue, _ connection: any WebSocketConnection) async {
        // A connection that is closed is noticed by whoever reads from it.
        try? await connection.send(.text(JSONValue.object(["op": JSONValue(opcode), "d": data]).text()))
    }

    // MARK: Chores

    /// - Throws: what makes identifying impossible.
    private func doChores(_ connection: any WebSocketConnection) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for await chore in chores {
                group.addTask { try await self.carryOut(chore, connection) }
            }
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    private func carryOut(_ chore: Chore, _ connection: any WebSocketConnection) async throws {
        switch chore {
        case .beat(let interval):
            try await context.clock.sleep(for: interval * context.entropy.fraction())
            while !Task.isCancelled {
                await feed(.beat(isReading: isReading.load(ordering: .relaxed)), connection)
                try await context.clock.sleep(for: interval)
            }
        case .expect(let within, let number):
            try await context.clock.sleep(for: within)
            await feed(.overdue(number), connection)
        case .identify:
            do {
                _ = try await shard.desk.intents()
                try await waitToIdentify(connection)
            } catch {
                // Nothing comes of this connection; what to do about it is decided by whoever opened it.
                connection.close(GatewayClosing.keepingSession, reason: "")
                throw error
            }
        }
    }
}
