import Logging
import PraisonCore

/// How one conversation's messages go out, one after the other.
extension Outbox {
    private enum Next {
        /// Sent or given up.
        case done
        case again(Delivery)
        /// The lane rests; what is in it stays.
        case rest
    }

    func serve(_ key: LaneKey) async {
        while let delivery = lanes.first(in: key) {
            guard !Task.isCancelled, let adapter = board.speaker(of: key.channel) else {
                lanes.leave(key)
                return
            }
            switch await attempt(delivery, through: adapter) {
            case .done: finish(key)
            case .again(let next): lanes.replaceFirst(in: key, with: next)
            case .rest:
                lanes.leave(key)
                return
            }
        }
        readOn(key)
    }

    private func attempt(_ delivery: Delivery, through adapter: any ChannelAdapter) async -> Next {
        var delivery = delivery
        do {
            var isRepeat = false
            if delivery.row.interrupted, !delivery.isHarmlessToRepeat(by: adapter) {
                if let reconciler = adapter as? any ReconcilesSends {
                    if let receipt = try await reconciler.receipt(of: delivery.row.message) {
                        return await settle(delivery, .sent(receipt))
                    }
                    delivery.row.interrupted = false
                } else {
                    isRepeat = true
                }
            }
            guard await turn(of: delivery, adapter) else { return .rest }
            // Where a repeat is invisible, nobody needs to know after a crash that there may be one.
            if !type(of: adapter).capabilities.repeatsAreInvisible { try await journal.claim(delivery.row.id) }
            let receipt = try await transmit(delivery, isRepeat: isRepeat, through: adapter)
            pacers[delivery.lane.channel]?.succeeded()
            return await settle(delivery, .sent(receipt))
        } catch let error as ChannelError {
            return await recover(delivery, from: error)
        } catch {
            logger.error(
                "cannot note a delivery, trying again",
                metadata: ["row": "\(delivery.id)", "error": "\(error)"])
            return await pause(.seconds(5), on: delivery.lane.channel) ? .again(delivery) : .rest
        }
    }

    /// Waits for the message's place in the pace of its platform.
    ///
    /// - Returns: whether it may go now.
    private func turn(of delivery: Delivery, _ adapter: any ChannelAdapter) async -> Bool {
        let (channel, conversation) = (delivery.lane.channel, delivery.lane.conversation.id)
        prepare(channel, adapter)
        var wait = pacers[channel]?.reserve(conversation, at: clock.uptime) ?? .zero
        while wait > .zero {
            if pacers[channel]?.wait(conversation, at: clock.uptime) ?? .zero > .zero {
                // What the platform imposed may take hours: a stop does not wait for it.
                guard await pause(wait, on: channel) else { return false }
            } else {
                do { try await clock.sleep(for: wait) } catch { return false }
            }
            // Meanwhile another conversation may have been told to wait.
            wait = pacers[channel]?.wait(conversation, at: clock.uptime) ?? .zero
        }
        return !Task.isCancelled && board.speaker(of: channel) != nil
    }

    private func transmit(
        _ delivery: Delivery, isRepeat: Bool, through adapter: any ChannelAdapter
    ) async throws -> MessageReceipt {
        let capabilities = type(of: adapter).capabilities
        var message = delivery.message
        if isRepeat {
            let marked = Delivery.repeatMark + message.text
            if capabilities.length(of: marked) <= capabilities.textLimit {
                message.text = marked
            } else {
                _ = try await adapter.send(delivery.separateMark)
            }
        }
        if message.replaces != nil, let editor = adapter as? any EditsMessages {
            return try await editor.edit(message)
        }
        return try await adapter.send(message)
    }

    // MARK: After a failure

    private func recover(_ delivery: Delivery, from error: ChannelError) async -> Next {
        let channel = delivery.lane.channel
        var next = delivery
        next.row.attempts += 1
        let place: Logger.Metadata = [
            "conversation": "\(delivery.lane.conversation.key)", "row": "\(delivery.id)", "error": "\(error)",
        ]
        let action = DeliveryPolicy().action(
            after: error, attempts: next.row.attempts,
            isPlain: next.isPlain || next.row.message.format == .plain, fraction: entropy.fraction())
        switch action {
        case .giveUp(let reason):
            logger.error("message given up", metadata: place)
            tell(delivery.row, failed: reason)
            return await settle(delivery, .failed(reason: reason))
        case .park(let reason):
            logger.error("channel parked", metadata: place)
            await postpone(next, error)
            board.set(.parked, .failed(reason: reason), of: channel)
            return .rest
        case .move(let id):
            guard next.moves < Delivery.maximumMoves else {
                return await settle(delivery, .failed(reason: "\(error), again and again"))
            }
            next.moves += 1
            logger.info("conversation moved", metadata: place)
            lanes.replaceFirst(in: delivery.lane, with: next)
            await move(delivery.lane.conversation, to: id, from: delivery.lane)
            return .rest
        case .simplify:
            next.isPlain = true
            return .again(next)
        case .hold(let wait):
            logger.warning("told to wait", metadata: place)
            pacers[channel]?.refused(delivery.lane.conversation.id, for: wait, at: clock.uptime)
            await postpone(next, error)
            return isStopping ? .rest : .again(next)
        case .retry(let pause):
            logger.warning("message not sent, trying again", metadata: place)
            await postpone(next, error)
            return await self.pause(pause, on: channel) ? .again(next) : .rest
        case .reconcile(let pause):
            logger.warning("nobody knows whether a message was sent, trying again", metadata: place)
            // It stays claimed, so that a restart knows as well.
            next.row.interrupted = true
            return await self.pause(pause, on: channel) ? .again(next) : .rest
        }
    }

    /// Notes that nothing arrived; but what may have arrived before stays claimed.
    private func postpone(_ delivery: Delivery, _ error: ChannelError) async {
        guard !delivery.row.interrupted else { return }
        do {
            try await journal.settle(delivery.row.id, .postponed(reason: "\(error)"))
        } catch {
            // Then it is taken for a possible repeat after a restart, which is on the safe side.
            logger.error("cannot note a delivery", metadata: ["row": "\(delivery.id)", "error": "\(error)"])
        }
    }

    /// Records the end of a row, again and again until the journal takes it: forgetting it would repeat the message.
    private func settle(_ delivery: Delivery, _ result: DeliveryResult) async -> Next {
        var attempts = 0
        while true {
            do {
                try await journal.settle(delivery.row.id, result)
                return .done
            } catch {
                attempts += 1
                logger.error(
                    "cannot record a delivery, trying again",
                    metadata: ["row": "\(delivery.id)", "error": "\(error)"])
                let pause = DeliveryPolicy().pause(attempts, entropy.fraction())
                guard await self.pause(pause, on: delivery.lane.channel) else { return .rest }
            }
        }
    }

    // MARK: Moving

    /// Follows a conversation to its new identifier: in the journal, and in what waits in memory.
    func move(_ old: Conversation, to id: Conversation.ID) async {
        await move(old, to: id, from: nil)
    }

    /// - Parameter server: the lane whose server calls, and leaves it.
    private func move(_ old: Conversation, to id: Conversation.ID, from server: LaneKey?) async {
        do {
            try await noteMove(old, to: id)
        } catch {
            // The platform will say so again after the next start.
            logger.error("cannot note a conversation's move", metadata: ["to": "\(id)", "error": "\(error)"])
        }
        for key in lanes.keys(of: old) {
            // What another server is sending right now finds out by itself.
            let busy = key == server || !lanes.isServed(key) ? nil : lanes.first(in: key)?.id
            var target = key
            target.conversation.id = id
            lanes.shareHorizon(of: key, with: target)
            for var delivery in lanes.take(from: key, where: { $0.id != busy }) {
                delivery.row.message.conversation.id = id
                queue(delivery)
            }
            readOn(target)
        }
    }

    // MARK: In passing

    /// Whether something may be sent that does not wait its turn (a draft): nothing waits here, and the pace allows it.
    func mayPass(in conversation: Conversation, _ adapter: any ChannelAdapter) -> Bool {
        prepare(conversation.channel, adapter)
        let key = LaneKey(conversation: conversation)
        guard !lanes.hasWaiting(key), !lanes.isBeyond(key) else { return false }
        return pacers[conversation.channel]?.reserveIfFree(conversation.id, at: clock.uptime) ?? false
    }

    /// Whether a mere sign of life may be given: not while the platform wants to be left alone.
    func maySign(in conversation: Conversation) -> Bool {
        guard board.speaker(of: conversation.channel) != nil else { return false }
        return pacers[conversation.channel]?.wait(conversation.id, at: clock.uptime) ?? .zero <= .zero
    }

    func refused(_ conversation: Conversation, for wait: Duration) {
        pacers[conversation.channel]?.refused(conversation.id, for: wait, at: clock.uptime)
    }

    private func prepare(_ channel: ChannelName, _ adapter: any ChannelAdapter) {
        guard pacers[channel] == nil else { return }
        pacers[channel] = Pacer(type(of: adapter).capabilities.pace, start: startedAt)
    }
}
