import PraisonCore
import TelegramAdapter
import Testing

@Suite struct `recorded updates` {
    @Test(arguments: try Fixtures.names())
    func `mean exactly what is written beside them`(name: String) throws {
        let events = TelegramAdapter.events(in: try Fixtures.document(name), for: Fixtures.receiver).map(\.replayJSON)
        let meaning = events.count == 1 ? events[0] : .array(events)
        let expected = try Fixtures.document("\(name).event")
        #expect(meaning.prettyText() == expected.value.prettyText())
    }

    @Test func `cover every shape there is`() throws {
        #expect(try Fixtures.names().count >= 80)
    }
}
