import PraisonCore
import Testing

@testable import PraisonAgents

@Suite struct `tool calls in fragments` {
    private func assemble(_ fragments: [String]) throws -> [ToolCall] {
        var assembler = ToolCallAssembler()
        for fragment in fragments { _ = try assembler.take(JSONDocument(parsing: fragment)) }
        var made = 0
        return assembler.calls {
            made += 1
            return "made_\(made)"
        }
    }

    @Test func `get an id of their own where two share one`() throws {
        let calls = try assemble([
            #"{"index":0,"id":"1","function":{"name":"a","arguments":"{}"}}"#,
            #"{"index":1,"id":"1","function":{"name":"b","arguments":"{}"}}"#,
        ])
        #expect(calls.map(\.id) == ["1", "made_1"])
    }

    @Test func `without a name are nobody's call`() throws {
        #expect(try assemble([#"{"function":{"arguments":"{}"}}"#, #"{"index":3}"#, "7", "null", #""x""#]) == [])
    }

    @Test func `keep every digit of an argument`() throws {
        let calls = try assemble([#"{"id":"1","function":{"name":"a","arguments":{"n":123456789012345678901.50}}}"#])
        #expect(calls.first?.arguments == #"{"n":123456789012345678901.50}"#)
    }

    @Test func `have an end`() {
        #expect(throws: ModelError.self) {
            try assemble((0..<200).map { #"{"index":\#($0),"id":"\#($0)","function":{"name":"a"}}"# })
        }
        let long = String(repeating: "x", count: 600_000)
        #expect(throws: ModelError.self) {
            try assemble((0..<2).map { _ in #"{"index":0,"id":"1","function":{"name":"a","arguments":"\#(long)"}}"# })
        }
    }
}
