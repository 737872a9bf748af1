import Testing

@testable import PraisonNet

struct `requests that may share connections` {
    private var sharing = ConnectionSharing<Int>()

    /// Takes all that may start now.
    private mutating func start() -> [Int] {
        var started: [Int] = []
        while let next = sharing.next() { started.append(next) }
        return started
    }

    private mutating func wait(_ requests: Range<Int>) { for request in requests { sharing.add(request) } }

    @Test mutating func `wait for the first to say what the server speaks`() {
        wait(0..<3)
        #expect(start() == [0])
        sharing.started(0, on: 1001, isShared: true)
        #expect(start() == [1, 2])
    }

    @Test mutating func `start at once where each has a connection of its own`() {
        wait(0..<300)
        #expect(start() == [0])
        sharing.started(0, on: 1001, isShared: false)
        #expect(start().count == 299)
    }

    @Test mutating func `open a further connection only when all are full, one at a time`() {
        wait(0..<350)
        #expect(start() == [0])
        sharing.started(0, on: 1001, isShared: true)
        #expect(start() == Array(1..<100))
        for request in 1..<100 { sharing.started(request, on: 1001, isShared: true) }
        #expect(start() == [100])
        sharing.started(100, on: 1002, isShared: true)
        #expect(start() == Array(101..<200))
        sharing.ended(5, hasFailed: false)
        #expect(start() == [200])
    }

    @Test mutating func `learn that a server allows fewer streams`() {
        wait(0..<200)
        #expect(start() == [0])
        sharing.started(0, on: 1001, isShared: true)
        #expect(start().count == 99)
        for request in 1..<10 { sharing.started(request, on: 1001, isShared: true) }
        for request in 10..<100 { sharing.started(request, on: 1000 + request, isShared: true) }
        // The 90 that came to new connections leave room for nine more each.
        #expect(start().count == 100)
    }

    @Test mutating func `try on their own when the first comes to nothing`() {
        wait(0..<5)
        #expect(start() == [0])
        sharing.ended(0, hasFailed: true)
        #expect(start() == [1, 2, 3, 4])
    }

    @Test mutating func `go on with the next when the first is given up`() {
        wait(0..<3)
        #expect(start() == [0])
        sharing.ended(0, hasFailed: false)
        #expect(start() == [1])
        sharing.ended(2, hasFailed: false)
        sharing.started(1, on: 1001, isShared: true)
        #expect(start().isEmpty)
        sharing.ended(1, hasFailed: false)
        #expect(sharing.isEmpty)
    }

    @Test mutating func `are counted where they are written again`() {
        wait(0..<102)
        _ = start()
        sharing.started(0, on: 1001, isShared: true)
        for request in start() { sharing.started(request, on: 1001, isShared: true) }
        // The kept connection broke; libcurl writes one of them to another.
        sharing.started(7, on: 1002, isShared: true)
        #expect(start() == [100, 101])
    }
}
