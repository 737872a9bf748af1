/// Queues by name, of which each is served by at most one server at a time: order within, overtaking between.
struct Lanes<Work> {
    private struct Lane {
        var waiting: [Work] = []
        var isServed = false
    }

    private var lanes: [String: Lane] = [:]
    private(set) var waitingCount = 0

    /// - Returns: whether the lane needs a server now.
    mutating func append(_ work: Work, to name: String) -> Bool {
        waitingCount += 1
        lanes[name, default: Lane()].waiting.append(work)
        guard lanes[name]?.isServed == false else { return false }
        lanes[name]?.isServed = true
        return true
    }

    /// The next piece of work for the lane's server, or `nil`, upon which the server is free to go.
    mutating func next(in name: String) -> Work? {
        guard let lane = lanes[name], !lane.waiting.isEmpty else {
            lanes[name] = nil
            return nil
        }
        waitingCount -= 1
        return lanes[name]?.waiting.removeFirst()
    }

    /// Takes out the waiting work that `belongs`, in order, from anywhere in the lane.
    mutating func take(from name: String, where belongs: (Work) -> Bool) -> [Work] {
        guard let waiting = lanes[name]?.waiting else { return [] }
        let taken = waiting.filter(belongs)
        lanes[name]?.waiting.removeAll(where: belongs)
        waitingCount -= taken.count
        return taken
    }

    func waiting(in name: String) -> [Work] { lanes[name]?.waiting ?? [] }

    func isServed(_ name: String) -> Bool { lanes[name]?.isServed ?? false }

    /// The server goes although there is work; the lane is free for another.
    mutating func leave(_ name: String) { lanes[name]?.isServed = false }
}
