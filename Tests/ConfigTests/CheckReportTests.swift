import PraisonCore
import Testing

@testable import PraisonConfig

@Suite struct `a check report` {
    @Test func `tells programs the same`() {
        var loaded = ConfigurationLoader.make().load(
            """
            agents: {a: {}}
            channels: {vip: {platform: telegram, token: x, routing: {default: a}}}
            """)
        loaded.add(.error, at: "channels.vip.token", "not a token")
        loaded.add(.off, at: "channels.vip.api_base", "nobody there")
        let report = CheckReport(
            loaded, file: "gateway.yaml", agents: [.init(name: "a", model: "m", isReady: true, note: nil)])
        #expect(!report.isGood)
        #expect(report.problems.map(\.description) == ["gateway.yaml:2:45: channels.vip.token: not a token"])
        #expect(report.json["ok"] == false)
        #expect(report.json["agents"] == [])
        #expect(
            report.json["problems"] == [
                [
                    "severity": "error", "file": "gateway.yaml", "line": 2, "column": 45, "path": "channels.vip.token",
                    "message": "not a token", "suggestion": nil,
                ]
            ])
        #expect(report.json["notices"]?[0]?["line"] == 2)
        #expect(report.json["notices"]?[0]?["column"] == 17)
    }
}
