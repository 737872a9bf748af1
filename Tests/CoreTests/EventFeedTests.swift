import PraisonCore
import Testing

@Suite struct `an event feed` {
    private func event(_ number: Int) -> GatewayEvent {
        GatewayEvent(
            type: .broadcast, payload: .fields([:]), id: EventID("\(number)"), timestamp: Timestamp(seconds: 0),
            source: "test")
    }

    @Test func `tells everybody who listens, in order`() async {
        let feed = EventFeed()
        let (first, second) = (feed.subscribe(), feed.subscribe())
        for number in 1...3 { feed.publish(event(number)) }
        for stream in [first, second] {
            var heard: [EventID] = []
            for await event in stream {
                heard.append(event.id)
                if heard.count == 3 { break }
            }
            #expect(heard == ["1", "2", "3"])
        }
    }

    @Test func `waits for nobody: who falls behind loses the oldest`() async {
        let feed = EventFeed()
        let stream = feed.subscribe(buffering: 2)
        for number in 1...5 { feed.publish(event(number)) }
        var iterator = stream.makeAsyncIterator()
        let heard = [await iterator.next()?.id, await iterator.next()?.id]
        #expect(heard == ["4", "5"])
    }

    @Test func `forgets a listener whose task is cancelled`() async {
        let feed = EventFeed()
        let stream = feed.subscribe()
        #expect(feed.isHeard)
        let listener = Task { for await _ in stream {} }
        listener.cancel()
        await listener.value
        #expect(!feed.isHeard)
    }
}
