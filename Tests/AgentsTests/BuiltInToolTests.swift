import PraisonCore
import Testing

@testable import PraisonAgents

@Suite struct `the list of built-in tools` {
    @Test func `has every tool of the shelf, and the shelf has every tool of the list`() async {
        let shelf = ToolShelf.make()
        let named = BuiltInTools.names.subtracting(BuiltInTools.given)
        #expect(shelf.unknown(named.sorted()) == [])
        let tools = await shelf.box(for: .with(tools: named.sorted())).tools(for: .make("x"))
        #expect(Set(tools.keys) == named)
        #expect(shelf.names.subtracting(named) == [])
    }
}
