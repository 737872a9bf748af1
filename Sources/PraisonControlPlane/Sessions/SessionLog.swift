import PraisonCore

/// A session's numbered frames: which there are, which are safe in the store, and how far behind a reader is.
///
/// A frame is in the store before any client sees it, so a number never means two things, whatever happens in between.
struct SessionLog: Sendable {
    /// What is kept for clients that come back; older frames are dropped, a few at a time.
    struct Limits: Hashable, Sendable {
        /// Finished messages. A reply counts once, into however many frames it was streamed.
        var messages: Int
        /// Bytes of a log whose client is known to have everything; of one with as many frames as `messages` says, the
        /// older ones are dropped then.
        var bytes: Int
        /// Bytes of a log with frames that the client may not have.
        var unreceivedBytes = 16 << 20
    }

    /// How much there is of something.
    private struct Size {
        var frames = 0
        var finals = 0
        var bytes = 0

        /// What a frame takes besides its text, about.
        private static let frameCost = 256

        mutating func add(_ frame: SessionFrame) {
            frames += 1
            finals += frame.key == nil ? 0 : 1
            bytes += frame.text.utf8.count + Self.frameCost
        }

        mutating func remove(_ frame: SessionFrame) {
            frames -= 1
            finals -= frame.key == nil ? 0 : 1
            bytes -= frame.text.utf8.count + Self.frameCost
        }

        func exceeds(_ limit: Size) -> Bool {
            frames > limit.frames || finals > limit.finals || bytes > limit.bytes
        }

        /// A quarter more.
        var withSlack: Size {
            func more(_ count: Int) -> Int { count == .max ? count : count + count / 4 }
            return Size(frames: more(frames), finals: more(finals), bytes: more(bytes))
        }
    }

    private struct Entry {
        var frame: SessionFrame
        /// Bytes of this frame and all before it, since the session was loaded.
        var end: Int
    }

    private let limits: Limits
    private var entries: [Entry] = []
    private var size = Size()
    /// The last finished message; 0 when there is none.
    private(set) var lastFinal: Int64 = 0
    /// Whether a reply has begun to grow and has not come to its end.
    private(set) var isStreaming = false
    private(set) var head: Int64
    /// The last frame that is in the store.
    private(set) var saved: Int64
    /// Frames dropped here that the store may still have.
    private(set) var droppedThrough: Int64 = 0

    init(_ frames: [SessionFrame] = [], limits: Limits) {
        self.limits = limits
        head = frames.last?.sequence ?? 0
        saved = head
        for frame in frames { push(frame) }
    }

    /// The oldest frame kept; 0 when there is none.
    var oldest: Int64 { entries.first?.frame.sequence ?? 0 }

    /// Adds a frame under the next number.
    ///
    /// - Parameters:
    ///   - received: the last frame that the client is known to have.
    ///   - needed: frames after this one are still to be sent to somebody and are not dropped.
    mutating func append(
        _ frame: ServerFrame, eventID: String, at now: Timestamp, target: String?, key: String? = nil,
        received: Int64 = 0, needed: Int64 = .max
    ) {
        head += 1
        push(
            SessionFrame(
                sequence: head, type: frame.type, text: frame.text(numbered: head), eventID: eventID, timestamp: now,
                target: target, key: key))
        trim(received: received, through: min(needed, head - 1))
    }

    private mutating func push(_ frame: SessionFrame) {
        size.add(frame)
        if frame.key != nil { lastFinal = frame.sequence }
        if frame.key != nil || frame.type == "stream_end" || frame.type == ServerFrame.streamRestart {
            isStreaming = false
        } else if frame.type.hasSuffix("_stream") {
            isStreaming = true
        }
        entries.append(Entry(frame: frame, end: (entries.last?.end ?? 0) + frame.text.utf8.count))
    }

    func contains(key: String) -> Bool { entries.contains { $0.frame.key == key } }

    /// Up to `limit` frames after `sequence`, oldest first.
    func frames(after sequence: Int64, limit: Int) -> [SessionFrame] {
        entries[index(after: sequence)...].prefix(limit).map(\.frame)
    }

    /// What a reader that has `sequence` had still to get before the newest frame came.
    func backlog(after sequence: Int64) -> (frames: Int, bytes: Int) {
        let start = index(after: sequence)
        let newest = entries.count - 1
        guard start < newest else { return (0, 0) }
        return (newest - start, entries[newest - 1].end - entries[start].end + size(of: start))
    }

    private func size(of index: Int) -> Int { entries[index].frame.text.utf8.count }

    private func index(after sequence: Int64) -> Int {
        guard let first = entries.first?.frame.sequence else { return 0 }
        return Int(min(max(sequence + 1 - first, 0), Int64(entries.count)))
    }

    // MARK: Saving

    var unsaved: [SessionFrame] { frames(after: saved, limit: .max) }

    mutating func markSaved(through sequence: Int64, droppedThrough: Int64) {
        saved = max(saved, sequence)
        if self.droppedThrough == droppedThrough { self.droppedThrough = 0 }
    }

    // MARK: Forgetting

    private mutating func trim(received: Int64, through bound: Int64) {
        drop(
            through: min(received, bound), beyond: Size(frames: limits.messages, finals: .max, bytes: limits.bytes))
        drop(
            through: bound, beyond: Size(frames: .max, finals: limits.messages, bytes: limits.unreceivedBytes))
    }

    /// Drops the oldest frames up to `bound` until the log is no larger than `limit`, once it is larger by a quarter.
    private mutating func drop(through bound: Int64, beyond limit: Size) {
        guard size.exceeds(limit.withSlack) else { return }
        var count = 0
        while entries[count].frame.sequence <= bound, size.exceeds(limit) {
            size.remove(entries[count].frame)
            count += 1
        }
        guard count > 0 else { return }
        droppedThrough = entries[count - 1].frame.sequence
        entries.removeFirst(count)
    }
}
