import PraisonCore
import PraisonSimulation
import Testing

@testable import DiscordAdapter

@Suite struct `a connection to the gateway` {
    typealias Output = GatewayMachine.Output

    static func payload(_ text: String) throws -> GatewayMachine.Input {
        .payload(try GatewayPayload(try JSONDocument(parsing: text)))
    }

    static let hello = #"{"op":10,"d":{"heartbeat_interval":41250}}"#
    static let ready = #"""
        {"op":0,"t":"READY","s":1,"d":{"session_id":"S1","resume_gateway_url":"wss://resume.test","user":{"id":"9"}}}
        """#
    static let known = GatewaySession(id: "S0", resumeURL: "wss://resume.test", sequence: 7)

    static func dispatch(_ number: Int, _ name: String = "MESSAGE_CREATE") throws -> GatewayMachine.Input {
        try payload(#"{"op":0,"t":"\#(name)","s":\#(number),"d":{}}"#)
    }

    /// One that has just become ready.
    static func readyMachine(at now: Duration = .zero) throws -> GatewayMachine {
        var machine = GatewayMachine()
        _ = machine.handle(.connected, at: now)
        _ = machine.handle(try payload(hello), at: now)
        _ = machine.handle(.identifyAllowed, at: now)
        _ = machine.handle(try payload(ready), at: now)
        return machine
    }

    @Test func `says hello, waits until it may identify, and is ready`() throws {
        var machine = GatewayMachine()
        #expect(machine.handle(.connected, at: .zero) == [.expect(within: .seconds(30), number: 1)])
        #expect(
            machine.handle(try Self.payload(Self.hello), at: .zero)
                == [.startBeating(interval: .milliseconds(41_250)), .askToIdentify])
        #expect(machine.handle(.identifyAllowed, at: .zero) == [.identify, .expect(within: .seconds(30), number: 2)])
        #expect(machine.handle(try Self.payload(Self.ready), at: .zero) == [.deliver, .alive])
        #expect(machine.session == GatewaySession(id: "S1", resumeURL: "wss://resume.test", sequence: 1))
        #expect(machine.phase == .ready)
    }

    @Test func `resumes what it knows, and hands on what is replayed`() throws {
        var machine = GatewayMachine(session: Self.known)
        _ = machine.handle(.connected, at: .zero)
        let outputs = machine.handle(try Self.payload(Self.hello), at: .zero)
        #expect(outputs.contains(.resume(Self.known)))
        #expect(!outputs.contains(.askToIdentify))
        #expect(machine.handle(try Self.dispatch(8), at: .zero) == [.deliver])
        #expect(machine.handle(try Self.dispatch(9, "RESUMED"), at: .zero) == [.deliver, .alive])
    }

    @Test func `resumes from what is in the journal, not from what was heard`() throws {
        var machine = try Self.readyMachine()
        for number in 2...5 { _ = machine.handle(try Self.dispatch(number), at: .zero) }
        _ = machine.handle(.stored(3), at: .zero)
        _ = machine.handle(.stored(2), at: .zero)
        #expect(machine.session?.sequence == 3)
        #expect(machine.handle(try Self.payload(#"{"op":1,"d":null}"#), at: .zero) == [.heartbeat(sequence: 3)])
    }

    @Test func `answers a request for a heartbeat at once, but not without end`() throws {
        var machine = try Self.readyMachine()
        let request = try Self.payload(#"{"op":1}"#)
        let answers = (0..<500).filter { _ in !machine.handle(request, at: .zero).isEmpty }.count
        #expect(answers < 120)
        #expect(!machine.handle(request, at: .seconds(61)).isEmpty)
    }

    @Test func `hangs up on a connection whose heartbeats are not answered`() throws {
        var machine = try Self.readyMachine()
        #expect(machine.handle(.beat(isReading: true), at: .seconds(1)) == [.heartbeat(sequence: 1)])
        #expect(machine.handle(try Self.payload(#"{"op":11}"#), at: .seconds(2)) == [.alive])
        #expect(machine.handle(.beat(isReading: true), at: .seconds(41)) == [.heartbeat(sequence: 1)])
        let outputs = machine.handle(.beat(isReading: true), at: .seconds(82))
        guard case .close = outputs.first else {
            Issue.record("no answer to the last beat, and \(outputs)")
            return
        }
        #expect(machine.ended(code: 1000, at: .seconds(82), fraction: 0.5) == .connect(after: .milliseconds(500)))
        #expect(machine.session?.id == "S1", "a dead connection does not end its session")
    }

    @Test func `does not take silence for death while it does not listen`() throws {
        var machine = try Self.readyMachine()
        for beat in 1...5 {
            #expect(machine.handle(.beat(isReading: false), at: .seconds(beat * 41)) == [.heartbeat(sequence: 1)])
        }
    }

    @Test(
        arguments: [
            (nil, true), (1000, true), (1001, true), (1006, true), (4000, true), (4001, true), (4002, true),
            (4008, true),
            (4003, false), (4005, false), (4007, false), (4009, false),
        ] as [(UInt16?, Bool)])
    func `goes on or begins anew after a close code`(code: UInt16?, keepsSession: Bool) throws {
        var machine = try Self.readyMachine()
        guard case .connect = machine.ended(code: code, at: .seconds(100), fraction: 0.5) else {
            Issue.record("it does not connect again")
            return
        }
        #expect((machine.session != nil) == keepsSession)
    }

    @Test(arguments: [4004, 4012, 4013, 4014] as [UInt16])
    func `stops where only people can help`(code: UInt16) throws {
        var machine = try Self.readyMachine()
        guard case .stop(let cause) = machine.ended(code: code, at: .seconds(100), fraction: 0.5) else {
            Issue.record("it does not stop")
            return
        }
        #expect(cause.rawValue == Int(code))
        #expect(machine.handle(.connected, at: .seconds(101)).isEmpty)
    }

    @Test(arguments: [4010, 4011] as [UInt16])
    func `asks how many shards there are to be`(code: UInt16) throws {
        var machine = try Self.readyMachine()
        #expect(machine.ended(code: code, at: .seconds(100), fraction: 0.5) == .shardAgain)
    }

    @Test func `waits one to five seconds after an invalid session, and forgets one that is gone`() throws {
        for (resumable, fraction, pause) in [(false, 0.0, 1.0), (false, 0.999, 4.996), (true, 0.5, 3.0)] {
            var machine = try Self.readyMachine()
            let outputs = machine.handle(try Self.payload(#"{"op":9,"d":\#(resumable)}"#), at: .seconds(60))
            guard case .close = outputs.first else {
                Issue.record("it does not hang up")
                continue
            }
            guard case .connect(let wait) = machine.ended(code: nil, at: .seconds(60), fraction: fraction) else {
                Issue.record("it does not connect again")
                continue
            }
            #expect(abs(wait.inSeconds - pause) < 0.01)
            #expect((machine.session != nil) == resumable)
        }
    }

    @Test func `gives a session up that can't be resumed time and again`() throws {
        var machine = GatewayMachine(session: Self.known)
        var resumes = 0
        for round in 0..<20 where machine.session != nil {
            _ = machine.handle(.connected, at: .seconds(round))
            let outputs = machine.handle(try Self.payload(Self.hello), at: .seconds(round))
            if outputs.contains(.resume(Self.known)) { resumes += 1 }
            _ = machine.ended(code: nil, at: .seconds(round), fraction: 0.5)
        }
        #expect(machine.session == nil)
        #expect(resumes == GatewayMachine.resumeBudget)
    }

    @Test func `waits longer and longer for a gateway that does not let it in`() throws {
        var machine = GatewayMachine()
        var pauses: [Duration] = []
        for round in 0..<10 {
            guard case .connect(let pause) = machine.ended(code: nil, at: .seconds(round), fraction: 0) else {
                continue
            }
            pauses.append(pause)
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60].map { .seconds($0) })
        #expect(machine.prefersFirstAddress)
    }

    @Test func `does not come back at once to a gateway that sends it away at once`() throws {
        var machine = try Self.readyMachine()
        var pauses: [Duration] = []
        for round in 0..<4 {
            _ = machine.handle(try Self.payload(#"{"op":7,"d":null}"#), at: .seconds(round))
            guard case .connect(let pause) = machine.ended(code: nil, at: .seconds(round), fraction: 0) else {
                continue
            }
            pauses.append(pause)
            _ = machine.handle(.connected, at: .seconds(round))
            _ = machine.handle(try Self.payload(Self.hello), at: .seconds(round))
            _ = machine.handle(try Self.dispatch(9, "RESUMED"), at: .seconds(round))
        }
        #expect(pauses == [.zero, .seconds(2), .seconds(4), .seconds(8)])
    }

    @Test func `hangs up when nothing comes, and forgets about it when something came`() throws {
        var machine = GatewayMachine()
        _ = machine.handle(.connected, at: .zero)
        guard case .close = machine.handle(.overdue(1), at: .seconds(30)).first else {
            Issue.record("it waits for ever")
            return
        }
        machine = try Self.readyMachine()
        #expect(machine.handle(.overdue(2), at: .seconds(30)).isEmpty)
    }

    @Test func `knows why the other end hung up, however long storing takes`() throws {
        var machine = try Self.readyMachine()
        _ = machine.handle(.beat(isReading: true), at: .seconds(41))
        #expect(machine.handle(.hungUp, at: .seconds(50)).isEmpty)
        _ = machine.handle(.stored(5), at: .seconds(60))
        for second in [82, 123] { #expect(machine.handle(.beat(isReading: true), at: .seconds(second)).isEmpty) }
        #expect(machine.session?.sequence == 5)
        #expect(machine.ended(code: 4004, at: .seconds(130), fraction: 0.5) == .stop(.authenticationFailed))
    }

    @Test func `comes back when it may identify`() throws {
        var machine = GatewayMachine()
        _ = machine.handle(.connected, at: .zero)
        _ = machine.handle(try Self.payload(Self.hello), at: .zero)
        let outputs = machine.handle(.identifyDelayed(.seconds(3600), reason: "full"), at: .zero)
        #expect(outputs == [.close(reason: "full")])
        #expect(machine.ended(code: nil, at: .seconds(1), fraction: 0) == .connect(after: .seconds(3600)))
    }

    @Test func `hangs up when the journal takes nothing, and hears the same once more`() throws {
        var machine = try Self.readyMachine()
        _ = machine.handle(try Self.dispatch(2), at: .zero)
        guard case .close = machine.handle(.unstorable, at: .seconds(1)).first else {
            Issue.record("it goes on")
            return
        }
        _ = machine.ended(code: 1000, at: .seconds(1), fraction: 0)
        #expect(machine.session?.sequence == 1)
    }
}
