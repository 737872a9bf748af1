import PraisonCore
import PraisonSimulation
import PraisonStore
import Testing

@Suite struct `a journal, letting people in` {
    @Test func `lets in whoever was given the code, however it is typed, on that channel only`() async throws {
        let clock = VirtualClock()
        let journal = try SQLiteJournal.make(clock: clock)
        let request = PairingRequest.make("ada", code: "ABCD2345")
        try await journal.requestPairing(request)
        #expect(try await journal.approvePairing(channel: "den", code: "ABCD2345", at: clock.now) == nil)
        #expect(try await journal.approvePairing(channel: "house", code: "XXXXXXXX", at: clock.now) == nil)
        #expect(try await journal.pairedSenders(of: "house").isEmpty)
        #expect(try await journal.approvePairing(channel: "house", code: "abcd2345", at: clock.now) == request)
        #expect(try await journal.pairedSenders(of: "house") == ["ada"])
        #expect(try await journal.pairedSenders(of: "den").isEmpty)
    }

    @Test func `takes a code once`() async throws {
        let journal = try SQLiteJournal.make()
        try await journal.requestPairing(.make("ada", code: "ABCD2345"))
        #expect(try await journal.approvePairing(channel: "house", code: "ABCD2345", at: VirtualClock().now) != nil)
        #expect(try await journal.approvePairing(channel: "house", code: "ABCD2345", at: VirtualClock().now) == nil)
    }

    @Test func `replaces somebody's earlier code`() async throws {
        let clock = VirtualClock()
        let journal = try SQLiteJournal.make(clock: clock)
        try await journal.requestPairing(.make("ada", code: "ABCD2345"))
        try await journal.requestPairing(.make("ada", code: "WXYZ6789"))
        #expect(try await journal.pendingPairings().map(\.code) == ["WXYZ6789"])
        #expect(try await journal.approvePairing(channel: "house", code: "ABCD2345", at: clock.now) == nil)
    }

    @Test func `takes no code that has expired`() async throws {
        let clock = VirtualClock()
        let journal = try SQLiteJournal.make(clock: clock)
        try await journal.requestPairing(.make("ada", code: "ABCD2345", lifetime: .seconds(60)))
        try await journal.requestPairing(.make("bob", code: "WXYZ6789", lifetime: .seconds(90)))
        clock.advance(by: .seconds(60))
        #expect(try await journal.pendingPairings().map(\.sender.id) == ["bob"])
        #expect(try await journal.approvePairing(channel: "house", code: "ABCD2345", at: clock.now) == nil)
    }

    @Test func `keeps a bounded number of codes, the latest`() async throws {
        let journal = try SQLiteJournal.make()
        for number in 0..<1_010 {
            let time = VirtualClock().now + .seconds(number)
            try await journal.requestPairing(.make(SenderID("\(number)"), code: "\(number)", at: time))
        }
        let pending = try await journal.pendingPairings()
        #expect(pending.count == 1_000)
        #expect(pending.first?.code == "10")
    }

    @Test func `shows the door again`() async throws {
        let journal = try SQLiteJournal.make()
        try await journal.requestPairing(.make("ada", code: "ABCD2345"))
        _ = try await journal.approvePairing(channel: "house", code: "ABCD2345", at: VirtualClock().now)
        #expect(try await journal.revokePairing(channel: "house", sender: "ada"))
        #expect(try await !journal.revokePairing(channel: "house", sender: "ada"))
        #expect(try await journal.pairedSenders(of: "house").isEmpty)
    }

    @Test func `notices whom another process let in`() async throws {
        let folder = try TemporaryFolder()
        let gateway = try SQLiteJournal.make(.file(folder.file()))
        try await gateway.requestPairing(.make("ada", code: "ABCD2345"))
        #expect(try await gateway.pairedSenders(of: "house").isEmpty)
        let command = try SQLiteJournal.make(.file(folder.file()))
        _ = try await command.approvePairing(channel: "house", code: "ABCD2345", at: VirtualClock().now)
        try await command.close()
        #expect(try await gateway.pairedSenders(of: "house") == ["ada"])
    }
}
