import PraisonCore
import Testing

@testable import praisonai

@Suite struct `the banner` {
    @Test func `names agents that run elsewhere`() {
        var archivist = AgentSettings(name: "archivist")
        archivist.isRemote = true
        let banner = Banner(
            GatewayConfiguration(agents: [archivist]), agents: [], store: .memory, file: "gateway.yaml")
        #expect(
            banner.text(address: "http://127.0.0.1:8765")
                .contains("  Agents    archivist: runs elsewhere and answers once it has registered here\n"))
    }
}
