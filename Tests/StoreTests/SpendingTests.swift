import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonStore

@Suite struct `the account of what models cost` {
    private let ada = Spender(agent: "a", channel: "house", sender: "house/ada", day: 20_000)

    private func other(_ change: (inout Spender) -> Void) -> Spender {
        var spender = ada
        change(&spender)
        return spender
    }

    private func dollar(_ text: String) throws -> NanoDollars { try #require(NanoDollars(text)) }

    @Test func `adds up by agent, channel, person and day`() async throws {
        let journal = try SQLiteJournal.make()
        for (spender, cost) in [
            (ada, 5), (ada, 7), (other { $0.sender = "house/bob" }, 11), (other { $0.day += 1 }, 13),
        ] {
            guard case .reserved(let id) = try await journal.reserve(.zero, for: spender, within: []) else { continue }
            let total = SpendTotal(
                calls: 1, usage: TokenUsage(input: 10, cachedInput: 2, output: 1), cost: NanoDollars(Int64(cost)))
            try await journal.settle(id, of: spender, model: "m", total)
            try await journal.settle(id, of: spender, model: "m", total)
        }
        #expect(try await journal.spent(in: .all, by: nil, since: 20_000).cost.value == 36)
        #expect(try await journal.spent(in: .sender, by: "house/ada", since: 20_000).cost.value == 25)
        #expect(try await journal.spent(in: .agent, by: "a", since: 20_001).cost.value == 13)
        #expect(try await journal.spent(in: .channel, by: "elsewhere", since: 0) == SpendTotal())
        let all = try await journal.spent(in: .all, by: nil, since: 0)
        #expect(all.calls == 4 && all.usage == TokenUsage(input: 40, cachedInput: 8, output: 4))
    }

    @Test func `sets aside before, so that many at once pass no limit`() async throws {
        let journal = try SQLiteJournal.make()
        let limit = SpendLimit(amount: try dollar("1"))
        let amount = try dollar("0.3")
        let outcomes: [SpendReservation] = try await withThrowingTaskGroup(of: SpendReservation.self) { group in
            for _ in 0..<20 { group.addTask { [ada] in try await journal.reserve(amount, for: ada, within: [limit]) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { if case .reserved = $0 { true } else { false } } == 3)
        #expect(outcomes.contains(.refused(limit)))
    }

    @Test func `holds each to a limit of their own, and some to a narrower one`() async throws {
        let journal = try SQLiteJournal.make()
        let limits = [
            SpendLimit(scope: .sender, amount: try dollar("1")),
            SpendLimit(scope: .agent, only: "b", amount: try dollar("0.1")),
        ]
        func isReserved(_ text: String, _ spender: Spender) async throws -> Bool {
            if case .reserved = try await journal.reserve(try dollar(text), for: spender, within: limits) {
                true
            } else {
                false
            }
        }
        #expect(try await isReserved("0.9", ada))
        #expect(try await !isReserved("0.2", ada))
        #expect(try await isReserved("0.2", other { $0.sender = "house/bob" }))
        #expect(try await !isReserved("0.2", other { ($0.sender, $0.agent) = ("house/eve", "b") }))
        #expect(try await isReserved("0.2", other { $0.day += 1 }))
    }

    @Test func `counts by the month where the limit does`() async throws {
        let journal = try SQLiteJournal.make()
        let limit = SpendLimit(period: .month, amount: try dollar("1"))
        // 20 000 is 2024-10-04; the month ends on 20 027.
        for (day, fits) in [(20_000, true), (20_027, false), (20_028, true)] {
            let outcome = try await journal.reserve(try dollar("0.6"), for: other { $0.day = day }, within: [limit])
            #expect((outcome != .refused(limit)) == fits, "\(day)")
        }
    }

    @Test func `tells how far the limits are used up that hold for somebody`() async throws {
        let journal = try SQLiteJournal.make()
        let limits = [
            SpendLimit(scope: .sender, amount: try dollar("1")),
            SpendLimit(scope: .agent, only: "nobody", amount: try dollar("1")),
        ]
        _ = try await journal.reserve(try dollar("0.9"), for: ada, within: limits)
        #expect(
            try await journal.standing(of: limits, for: ada)
                == [SpendStanding(limits[0], spent: .zero, setAside: try dollar("0.9"))])
    }

    @Test func `outlives the process, with what was set aside`() async throws {
        let folder = try TemporaryFolder()
        let limit = SpendLimit(amount: try dollar("1"))
        let first = try SQLiteJournal.make(.file(folder.path + "/store.sqlite"))
        _ = try await first.reserve(try dollar("0.9"), for: ada, within: [limit])
        try await first.close()
        let second = try SQLiteJournal.make(.file(folder.path + "/store.sqlite"))
        #expect(try await second.reserve(try dollar("0.2"), for: ada, within: [limit]) == .refused(limit))
        try await second.close()
    }

    @Test(arguments: [
        ("0.5", 500_000_000), ("12", 12_000_000_000), ("0.000000001", 1), ("10.25", 10_250_000_000),
    ])
    func `reads amounts exactly`(_ text: String, _ value: Int64) throws {
        #expect(try dollar(text).value == value)
    }

    @Test(arguments: ["", ".", "1.", "-1", "1e3", "0.0000000001", "1000000000", "1,5", " 1"])
    func `takes nothing else for an amount`(_ text: String) { #expect(NanoDollars(text) == nil) }

    @Test func `writes amounts as they are`() {
        #expect(NanoDollars(4_200_000).description == "0.0042")
        #expect(NanoDollars(12_500_000_000).description == "12.50")
        #expect(NanoDollars(1).description == "0.000000001")
        #expect(NanoDollars(-2_000_000_000).description == "-2.00")
    }

    @Test func `counts cached tokens once`() {
        let price = ModelPrice(input: NanoDollars(150), cachedInput: NanoDollars(75), output: NanoDollars(600))
        #expect(price.cost(of: TokenUsage(input: 100, cachedInput: 40, output: 10)).value == 60 * 150 + 40 * 75 + 6000)
        #expect(price.cost(of: TokenUsage(input: 10, cachedInput: 40, output: 0)).value == 750)
        #expect(price.cost(of: TokenUsage(input: .max, output: .max)).value == .max)
    }
}
