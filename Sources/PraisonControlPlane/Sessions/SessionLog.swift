import PraisonCore

/// A session's numbered frames: which there are, which are safe in the store, and how far behind a reader is.
///
/// A frame is in the store before any client sees it, so a number never means two things, whatever happens in between.
struct SessionLog: Sendable {
    /// Frames and bytes kept for clients that come back; older ones are dropped, a few at a time.
    struct Limits: Hashable, Sendable {
        var frames: Int
        var bytes: Int
    }

    private struct Entry {
        var frame: SessionFrame
        /// Bytes of this frame and all before it, since the session was loaded.
        var end: Int
    }

    private let limits: Limits
    private var entries: [Entry] = []
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
    /// - Parameter needed: frames after this one are still to be sent to somebody and are not dropped.
    mutating func append(
        _ frame: ServerFrame, eventID: String, at now: Timestamp, target: String?, key: String? = nil,
        needed: Int64 = .max
    ) {
        head += 1
        push(
            SessionFrame(
                sequence: head, type: frame.type, text: frame.text(numbered: head), eventID: eventID, timestamp: now,
                target: target, key: key))
        trim(through: min(needed, head - 1))
    }

    private mutating func push(_ frame: SessionFrame) {
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

    private mutating func trim(through bound: Int64) {
        let bytes = (entries.last?.end ?? 0) - (entries.first.map { $0.end - $0.frame.text.utf8.count } ?? 0)
        guard entries.count > limits.frames + limits.frames / 4 || bytes > limits.bytes + limits.bytes / 4 else {
            return
        }
        var count = 0
        var left = bytes
        while entries[count].frame.sequence <= bound, entries.count - count > limits.frames || left > limits.bytes {
            left -= size(of: count)
            count += 1
        }
        guard count > 0 else { return }
        droppedThrough = entries[count - 1].frame.sequence
        entries.removeFirst(count)
    }
}
