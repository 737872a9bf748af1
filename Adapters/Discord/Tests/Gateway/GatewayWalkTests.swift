import PraisonCore
import PraisonSimulation
import Testing

@testable import DiscordAdapter

@Suite struct `a connection to the gateway, whatever happens` {
    private typealias Machine = `a connection to the gateway`

    /// Thousands of things that may happen, in an order nobody thought of.
    @Test(arguments: 0..<40) func `keeps its word whatever happens`(seed: Int) throws {
        let entropy = SeededEntropy(seed: UInt64(seed))
        let names = ["READY", "RESUMED", "MESSAGE_CREATE", "GUILD_CREATE"]
        var machine = GatewayMachine(session: seed.isMultiple(of: 2) ? Machine.known : nil)
        var now = Duration.zero
        var sequence = 0
        var isAllowed = false
        var isOpen = false
        var hasSaidHello = false
        var beats: [Duration] = []
        var lastSession: GatewaySession?
        for _ in 0..<2_000 {
            now += .milliseconds(Int(entropy.fraction() * 20_000))
            sequence += 1
            let input: GatewayMachine.Input?
            switch Int(entropy.fraction() * 16) {
            case 0: input = .connected
            case 1: input = try Machine.payload(Machine.hello)
            case 2, 3: input = .identifyAllowed
            case 4: input = .beat(isReading: entropy.fraction() < 0.8)
            case 5: input = try Machine.payload(#"{"op":11}"#)
            case 6: input = try Machine.payload(#"{"op":1}"#)
            case 7: input = entropy.fraction() < 0.2 ? try Machine.payload(#"{"op":7}"#) : .beat(isReading: false)
            case 8:
                let isResumable = entropy.fraction() < 0.5
                input = entropy.fraction() < 0.2 ? try Machine.payload(#"{"op":9,"d":\#(isResumable)}"#) : nil
            case 9: input = .overdue(Int(entropy.fraction() * 10))
            case 10: input = .stored(sequence)
            case 11: input = entropy.fraction() < 0.1 ? .unstorable : .garbled("noise")
            case 12: input = entropy.fraction() < 0.1 ? .hungUp : try Machine.payload(#"{"op":42}"#)
            case 13: input = nil
            default:
                let name = names[Int(entropy.fraction() * Double(names.count))]
                input =
                    name == "READY"
                    ? try Machine.payload(Machine.ready.replacing("S1", with: "S\(sequence)"))
                    : try Machine.dispatch(sequence, name)
            }
            guard let input else {
                let codes: [UInt16?] = [nil, 1000, 1001, 1006] + (4000...4014).map { $0 }
                let code = codes[Int(entropy.fraction() * Double(codes.count))]
                let isOurs = machine.phase == .closing
                (isOpen, hasSaidHello, isAllowed) = (false, false, false)
                switch machine.ended(code: code, at: now, fraction: entropy.fraction()) {
                case .connect(let pause):
                    #expect(pause >= .zero && pause <= .seconds(65))
                    now += pause
                case .shardAgain: #expect(!isOurs && (code == 4010 || code == 4011))
                case .stop(let cause):
                    #expect(!isOurs && code.map(Int.init) == cause.rawValue)
                    #expect(machine.phase == .stopped)
                    #expect(machine.handle(.connected, at: now).isEmpty)
                    machine = GatewayMachine()
                }
                lastSession = machine.session
                #expect(machine.phase == .disconnected)
                continue
            }
            let before = machine.phase
            let outputs = machine.handle(input, at: now)
            if case .connected = input, before == .disconnected { isOpen = true }
            if case .payload(.hello) = input, before == .awaitingHello { hasSaidHello = true }
            if case .identifyAllowed = input { isAllowed = true }
            for output in outputs {
                #expect(isOpen, "\(output) without a connection")
                switch output {
                case .heartbeat:
                    #expect(hasSaidHello)
                    beats.append(now)
                case .identify:
                    #expect(hasSaidHello && isAllowed)
                    #expect(machine.session == nil, "it has a session it could resume")
                case .resume(let session):
                    #expect(hasSaidHello)
                    #expect(session == machine.session)
                case .close: #expect(machine.phase == .closing)
                case .alive: #expect(machine.phase == .ready)
                default: break
                }
            }
            if before == .closing || before == .disconnected, machine.phase != .awaitingHello {
                if case .stored = input {} else { #expect(outputs.isEmpty, "a connection that ends says \(outputs)") }
            }
            if let session = machine.session, let last = lastSession, session.id == last.id {
                #expect(session.sequence >= last.sequence)
            }
            lastSession = machine.session
            beats.removeAll { $0 + .seconds(60) <= now }
            #expect(beats.count < 120)
        }
    }
}
