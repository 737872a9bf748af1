import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonGateway

private struct Item: Queueable, Equatable {
    var id: Int64
    var size = 1
    init(_ id: Int64) { self.id = id }
}

extension LaneKey {
    fileprivate static func chat(_ id: String, channel: ChannelName = "house") -> LaneKey {
        LaneKey(conversation: Conversation(channel: channel, id: Conversation.ID(id), scope: .dm))
    }
}

@Suite struct `lanes` {
    private let a = LaneKey.chat("a")
    private let b = LaneKey.chat("b")

    @Test func `want a server for the first piece of work only`() {
        var lanes = Lanes<Item>()
        let needsServer = [
            lanes.append(Item(1), to: a), lanes.append(Item(2), to: a), lanes.append(Item(3), to: b),
        ]
        #expect(needsServer == [true, false, true])
        let served = [lanes.next(in: a)?.id, lanes.next(in: a)?.id, lanes.next(in: a)?.id]
        #expect(served == [1, 2, nil])
        let needsAnother = lanes.append(Item(4), to: a)
        #expect(needsAnother && lanes.waitingCount == 2)
    }

    @Test func `give out what belongs together, leaving the rest in order`() {
        var lanes = Lanes<Item>()
        for number in 1...5 { _ = lanes.append(Item(Int64(number)), to: a) }
        let even = lanes.take(from: a) { $0.id.isMultiple(of: 2) }
        #expect(even.map(\.id) == [2, 4])
        #expect(lanes.waiting(in: a).map(\.id) == [1, 3, 5] && lanes.waitingCount == 3)
    }

    @Test func `keep the journal's order, whatever order things come in`() {
        var lanes = Lanes<Item>()
        for number: Int64 in [3, 1, 2] { _ = lanes.append(Item(number), to: a) }
        #expect(lanes.waiting(in: a).map(\.id) == [1, 2, 3])
    }

    @Test func `leave in the journal what a conversation sends beyond its window, and nobody else's`() {
        var lanes = Lanes<Item>(.init(perLane: 2))
        let admitted = (1...4).map { number in
            let item = Item(Int64(number))
            guard lanes.admits(item, to: a) else { return false }
            _ = lanes.append(item, to: a)
            return true
        }
        #expect(admitted == [true, true, false, false])
        let admitsOther = lanes.admits(Item(5), to: b)
        #expect(admitsOther)
        // What follows waits behind it, although there is room again.
        _ = lanes.next(in: a)
        let admitsLater = lanes.admits(Item(6), to: a)
        #expect(!admitsLater && lanes.start(ofReading: a) == 2)
    }

    @Test func `leave in the journal what a channel sends beyond its window, and no other channel's`() {
        var lanes = Lanes<Item>(.init(perLane: 10, perChannel: 2))
        for (number, name) in zip(1..., ["a", "b"]) { _ = lanes.append(Item(Int64(number)), to: .chat(name)) }
        let admits = [
            lanes.admits(Item(3), to: .chat("c")), lanes.admits(Item(4), to: .chat("c", channel: "garden")),
        ]
        #expect(admits == [false, true])
    }

    @Test func `take in nothing twice that is waiting, being worked on, or was finished while it was read`() {
        var lanes = Lanes<Item>()
        for number: Int64 in 1...3 { _ = lanes.append(Item(number), to: a) }
        _ = lanes.next(in: a)
        lanes.leaveInJournal("house", after: 0)
        lanes.beginReading()
        lanes.finish([1])
        let offers = (1...4).map { lanes.offer(Item(Int64($0)), to: a, readFrom: .channel("house")) }
        #expect(offers == [.skipped, .skipped, .skipped, .taken])
        lanes.endReading(reachedEnd: .channel("house"))
        #expect(!lanes.isBeyond(a))
    }

    /// A reader that reads on wherever there is room, a server that takes, a sender that sends: whatever the order, each
    /// conversation gets everything once and in order, and memory stays within its windows.
    @Test(arguments: 1...40) func `lose nothing and keep to their windows on a random walk`(seed: Int) {
        let entropy = SeededEntropy(seed: UInt64(seed))
        func pick(_ count: Int) -> Int { Int(entropy.fraction() * Double(count)) }
        let limits = Lanes<Item>.Limits(perLane: 4, perChannel: 10)
        var lanes = Lanes<Item>(limits)
        var journal: [(item: Item, key: LaneKey)] = []
        var served: [LaneKey: [Int64]] = [:]
        var working: [(Item, LaneKey)] = []

        func read(_ part: JournalPart, after start: Int64) {
            lanes.beginReading()
            let page = journal.filter { entry in
                if case .conversation(let chat) = part, chat != entry.key.conversation { return false }
                return entry.item.id > start && !(served[entry.key]?.contains(entry.item.id) ?? false)
            }.prefix(3)
            for entry in page {
                let offer = lanes.offer(entry.item, to: entry.key, readFrom: part)
                if offer == .taken { _ = lanes.append(entry.item, to: entry.key) }
                if offer == .full { break }
            }
            lanes.endReading(reachedEnd: page.isEmpty ? part : nil)
        }
        func readOn() {
            for key in (0..<5).map({ LaneKey.chat("\($0)") }) {
                if let start = lanes.start(ofReading: key) { read(.conversation(key.conversation), after: start) }
            }
            for channel in lanes.readableChannels {
                if let start = lanes.start(ofReading: channel) { read(.channel(channel), after: start) }
            }
        }
        func take() -> Bool {
            let key = LaneKey.chat("\(pick(5))")
            guard !working.contains(where: { $0.1 == key }), let item = lanes.next(in: key) else { return false }
            working.append((item, key))
            return true
        }
        func finishOne() {
            guard !working.isEmpty else { return }
            let (item, key) = working.remove(at: pick(working.count))
            served[key, default: []].append(item.id)
            lanes.finish([item.id])
        }

        for _ in 0..<600 {
            switch pick(5) {
            case 0, 1:
                let entry = (item: Item(Int64(journal.count + 1)), key: LaneKey.chat("\(pick(pick(5) + 1))"))
                journal.append(entry)
                if lanes.admits(entry.item, to: entry.key) { _ = lanes.append(entry.item, to: entry.key) }
            case 2: _ = take()
            case 3: finishOne()
            default: readOn()
            }
            #expect(lanes.waitingCount <= limits.perChannel)
        }
        for _ in 0..<20_000 where served.values.map(\.count).reduce(0, +) < journal.count {
            readOn()
            _ = take()
            finishOne()
        }
        for (key, ids) in served { #expect(ids == journal.filter { $0.key == key }.map(\.item.id)) }
        #expect(served.values.map(\.count).reduce(0, +) == journal.count)
    }
}

@Suite struct `slots` {
    private func group(_ agent: AgentName, _ channel: ChannelName = "house") -> Slots.Group {
        Slots.Group(agent: agent, channel: channel)
    }

    @Test func `are kept for agents that have none, so that one that hangs keeps nobody waiting`() {
        var slots = Slots(8, agents: ["slow", "quick", "other"])
        let slow = (0..<8).map { _ in slots.takeIfFree(for: group("slow")) }
        #expect(slow.filter(\.self).count == 6)
        let others = [slots.takeIfFree(for: group("quick")), slots.takeIfFree(for: group("other"))]
        #expect(others == [true, true] && slots.taken == 8)
    }

    @Test func `are all there for one agent alone`() {
        var slots = Slots(2, agents: ["only"])
        let taken = (0..<3).map { _ in slots.takeIfFree(for: group("only")) }
        #expect(taken == [true, true, false])
    }

    @Test func `go round the channels, so that a flooded one does not take them all`() async {
        let order = await SlotQueue().order()
        #expect(order == ["flood 1", "quiet", "flood 2", "flood 3"])
    }

    /// Slots live in an actor; this one lets four turns queue for one slot.
    private actor SlotQueue {
        private var slots = Slots(1, agents: ["only"])
        private var granted: [String] = []

        func order() async -> [String] {
            _ = slots.takeIfFree(for: Slots.Group(agent: "only", channel: "house"))
            await withDiscardingTaskGroup { group in
                for (name, channel) in [
                    ("flood 1", "flood"), ("flood 2", "flood"), ("flood 3", "flood"), ("quiet", "q"),
                ] {
                    await queue(name, Slots.Group(agent: "only", channel: ChannelName(channel)), &group)
                }
                slots.giveBack(by: Slots.Group(agent: "only", channel: "house"))
            }
            return granted
        }

        /// Returns once the turn is in the queue.
        private func queue(_ name: String, _ place: Slots.Group, _ group: inout DiscardingTaskGroup) async {
            await withCheckedContinuation { queued in
                group.addTask { await self.wait(name, place, queued) }
            }
        }

        private func wait(_ name: String, _ place: Slots.Group, _ queued: CheckedContinuation<Void, Never>) async {
            let isTaken = await withCheckedContinuation { continuation in
                slots.wait(for: place, continuation)
                queued.resume()
            }
            guard isTaken else { return }
            granted.append(name)
            slots.giveBack(by: place)
        }
    }
}
