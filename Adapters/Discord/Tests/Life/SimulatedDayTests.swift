import PraisonCore
import PraisonSimulation
import Testing

@testable import DiscordAdapter
@testable import DiscordSimulator

/// In processes of their own, since the memory of this one is everybody's.
@Suite(.serialized, .timeLimit(.minutes(5))) struct `a day on which something fails every minute` {
    private static let codes: [JSONValue] = [
        4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009, 4010, 4011, 1000, 1001,
    ]

    private static func limit(_ scope: String, _ body: JSONValue) -> SimulatorFault.Kind {
        .status(
            429, body: body.text(), description: nil,
            headers: ["X-RateLimit-Scope": scope, "Retry-After": "3", "Via": "1.1 google"])
    }

    /// All that the simulator can do, by turns, but for what only people can mend.
    @Sendable private static func anything(_ minute: Int, _ stage: DiscordStage) throws {
        let slowly: JSONValue = ["message": "You are being rate limited.", "retry_after": 2.5, "global": false]
        let globally: JSONValue = ["message": "You are being rate limited.", "retry_after": 2.5, "global": true]
        switch minute % 17 {
        case 0: try stage.fault("reconnect")
        case 1: try stage.fault("invalid_session", ["resumable": false])
        case 2: try stage.fault("drop")
        case 3: try stage.fault("missed_ack")
        case 4: try stage.fault("close", ["code": codes[minute / 17 % codes.count]])
        case 5: try stage.fault("invalid_session", ["resumable": true])
        case 6: try stage.fault(.status(503, body: "<html>", description: nil, headers: [:]), times: 3)
        case 7: try stage.fault(limit("user", slowly), match: "/messages")
        case 8: try stage.fault(.reset(afterwards: minute % 2 == 0), match: "POST /channels")
        case 9: try stage.fault("silence")
        case 10: try stage.fault(.duplicate)
        case 11: try stage.fault("slow_inflate", ["seconds": 20])
        case 12: try stage.fault(.reorder)
        case 13: try stage.fault(limit("shared", slowly), match: "/messages")
        case 14: try stage.fault(limit("global", globally), match: "/messages")
        case 15:
            let page = SimulatorFault.Kind.status(
                429, body: "<html>1015</html>", description: nil, headers: ["Retry-After": "31"])
            try stage.fault(page, match: "/messages")
        default: try stage.fault(.hang(seconds: 30), match: "POST /channels")
        }
    }

    /// Tells what was measured; who sees only the process's output has to be told what is wrong as well.
    private static func report(_ day: SimulatedDay.Outcome, identifies limit: Range<Int>) throws {
        let problems = day.problems(identifies: limit)
        print("hour 2: \(try #require(day.sizes[2]))\nhour 24: \(try #require(day.sizes[24]))")
        let heaps = day.sizes.sorted { $0.key < $1.key }.map { "\($0.value.heap / 1024)" }.joined(separator: " ")
        print("heap by the hour, KiB: \(heaps)")
        print("identifies: \(day.identifies)\nproblems: \(problems)")
        #expect(problems.isEmpty)
    }

    @Test func `ends with every word answered once, and nothing grown`() async {
        let process = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            HeapUse.keepNoBacktraces()
            try Self.report(try await SimulatedDay(Self.anything).live(), identifies: 1..<250)
        }
        print(String(decoding: process?.standardOutputContent ?? [], as: UTF8.self))
    }

    @Test func `stays below the identifies of a day when every session is lost at once`() async {
        let process = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            HeapUse.keepNoBacktraces()
            let day = try await SimulatedDay { _, stage in
                guard stage.simulator.control.faults.waiting.isEmpty else { return }
                try stage.fault("invalid_session", ["resumable": false])
            }.live()
            // 1,000 are allowed; the budget is 70 % of them, and twenty to begin with.
            try Self.report(day, identifies: 600..<721)
        }
        print(String(decoding: process?.standardOutputContent ?? [], as: UTF8.self))
    }
}
