import GRDB
import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonStore

@Suite struct `what agents remember` {
    private let now = Timestamp(seconds: 1_767_225_600)

    private func filled() async throws -> SQLiteJournal {
        let journal = try SQLiteJournal.make()
        for text in ["Ada likes green tea", "Ada works in Zürich", "the dog is called Bob"] {
            _ = try await journal.remember(text, about: "a/person/ada", at: now)
        }
        _ = try await journal.remember("tea is at four", about: "a/conversation/1", at: now)
        _ = try await journal.remember("Eve likes tea", about: "a/person/eve", at: now)
        return journal
    }

    @Test func `is found by its words, of those it is asked about only`() async throws {
        let journal = try await filled()
        func found(_ query: String?, _ subjects: String...) async throws -> [String] {
            try await journal.facts(about: subjects, matching: query, limit: 10).map(\.text)
        }
        #expect(try await found("which TEA?", "a/person/ada") == ["Ada likes green tea"])
        #expect(
            try await Set(found("tea", "a/person/ada", "a/conversation/1")) == [
                "Ada likes green tea", "tea is at four",
            ])
        #expect(try await found("where is zurich", "a/person/ada").first == "Ada works in Zürich")
        #expect(try await found("coffee", "a/person/ada").isEmpty)
        #expect(
            try await found(nil, "a/person/ada") == [
                "the dog is called Bob", "Ada works in Zürich", "Ada likes green tea",
            ])
        #expect(try await found("tea").isEmpty)
    }

    @Test(arguments: [
        ("我喜欢绿茶和咖啡", "绿茶好喝吗", "汽车"), ("東京に住んでいます", "東京はどこ", "大阪"), ("ผมชอบดื่มชาเขียว", "ชาเขียว", "รถยนต์"),
        ("고양이를 키웁니다", "고양이가", "자동차"), ("黑猫叫小白", "猫", "狗"), ("他有一只猫", "猫", "狗"), ("用 Swift 写程序", "swift 好", "go 好"),
        ("ンダ", "ン", "ソ"),
    ])
    func `is found in languages without spaces`(_ text: String, _ query: String, _ other: String) async throws {
        let journal = try SQLiteJournal.make()
        _ = try await journal.remember(text, about: "a", at: now)
        #expect(try await journal.facts(about: ["a"], matching: query, limit: 10).map(\.text) == [text])
        #expect(try await journal.facts(about: ["a"], matching: other, limit: 10).isEmpty)
        #expect(try await journal.forget(nil, about: ["a"]) == 1)
        #expect(try await journal.facts(about: ["a"], matching: query, limit: 10).isEmpty)
    }

    @Test func `in a store from before the index of pairs is found and forgotten like what is new`() async throws {
        let folder = try TemporaryFolder()
        let earlier = SQLiteJournal.migrations.filter { $0.name != Migration.spacelessFacts.name }
        let old = try Store(.file(folder.file()), migrations: earlier)
        try await old.write { database in
            for text in ["我喜欢绿茶和咖啡", "Ada likes green tea"] {
                try database.execute(sql: "INSERT INTO fact (subject, text, at) VALUES ('a', ?, 1)", arguments: [text])
            }
        }
        try await old.close()

        let journal = try SQLiteJournal.make(.file(folder.file()))
        for (query, text) in [("绿茶好喝吗", "我喜欢绿茶和咖啡"), ("which tea", "Ada likes green tea")] {
            #expect(try await journal.facts(about: ["a"], matching: query, limit: 10).map(\.text) == [text])
        }
        #expect(try await journal.remember("我喜欢绿茶和咖啡", about: "a", at: now).text == "我喜欢绿茶和咖啡")
        #expect(try await journal.forget(nil, about: ["a"]) == 2)
        #expect(try await journal.facts(about: ["a"], matching: "绿茶", limit: 10).isEmpty)
        try await journal.close()
    }

    @Test(arguments: [
        "\"", "tea\" OR *", "NEAR(tea", "text:tea AND NOT x", "'; DROP TABLE fact; --", "(((", "", "🫖", "-tea ^",
    ])
    func `takes any words for words`(_ query: String) async throws {
        let journal = try await filled()
        _ = try await journal.facts(about: ["a/person/ada"], matching: query, limit: 10)
        #expect(try await journal.facts(about: ["a/person/ada"], matching: nil, limit: 10).count == 3)
    }

    @Test func `is forgotten when it has to be, index and all`() async throws {
        let journal = try await filled()
        let fact = try #require(try await journal.facts(about: ["a/person/ada"], matching: "dog", limit: 1).first)
        #expect(try await journal.forget(fact.id, about: ["a/person/eve"]) == 0)
        #expect(try await journal.forget(fact.id, about: ["a/person/ada"]) == 1)
        #expect(try await journal.facts(about: ["a/person/ada"], matching: "dog", limit: 1).isEmpty)
        #expect(try await journal.forget(nil, about: ["a/person/ada"]) == 2)
        #expect(try await journal.facts(about: ["a/person/eve"], matching: "tea", limit: 1).count == 1)
    }

    @Test func `is kept once, and never without end`() async throws {
        let journal = try SQLiteJournal.make()
        for number in 0..<(SQLiteJournal.maximumFacts + 5) {
            _ = try await journal.remember("fact \(number)", about: "s", at: now)
        }
        _ = try await journal.remember("fact 100", about: "s", at: now)
        let facts = try await journal.facts(about: ["s"], matching: nil, limit: 10_000)
        #expect(facts.count == SQLiteJournal.maximumFacts)
        #expect(facts.first?.text == "fact 100")
        #expect(facts.count { $0.text == "fact 100" } == 1)
        #expect(!facts.contains { $0.text == "fact 0" })
    }
}
