import PraisonCore
import Testing

@testable import PraisonConfig

@Suite struct `a check report` {
    private static let yaml = """
        agents: {a: {model: gpt-4o},
          longer: {role: helper}}
        rooms: {council: {}}
        channels:
          telegram: {token: "${TOKEN}", routing: {default: a}}
          vip: {platform: telegram, token: x, routing: {default: a}}
        """

    @Test func `tells programs the same`() {
        var loaded = ConfigurationLoader.make().load(Self.yaml)
        loaded.add(.error, at: "channels.vip.token", "not a token")
        loaded.add(.off, at: "channels.vip.api_base", "nobody there")
        let report = CheckReport(
            loaded, file: "gateway.yaml", agents: [.init(name: "a", model: "m", isReady: true, note: nil)])
        #expect(!report.isGood)
        #expect(report.problems.map(\.description) == ["gateway.yaml:6:36: channels.vip.token: not a token"])
        #expect(report.json["ok"] == false)
        #expect(report.json["agents"] == [])
        #expect(
            report.json["problems"] == [
                [
                    "severity": "error", "file": "gateway.yaml", "line": 6, "column": 36, "path": "channels.vip.token",
                    "message": "not a token", "suggestion": nil,
                ]
            ])
        #expect(report.json["notices"]?[2]?["line"] == 6)
        #expect(report.json["notices"]?[2]?["column"] == 8)
    }
}
