import NIOCore
import Testing

@testable import PraisonNet

@Suite struct `a warning about a flood` {
    @Test func `comes at once, then once a second with how often it was`() {
        let warning = RepeatedWarning()
        let start = NIODeadline.now()
        func note(after milliseconds: Int64) -> Int? {
            var count: Int?
            warning.note(at: start + .milliseconds(milliseconds)) { count = $0 }
            return count
        }
        #expect(note(after: 0) == 1)
        #expect(note(after: 1) == nil)
        #expect(note(after: 999) == nil)
        #expect(note(after: 1000) == 3)
        #expect(note(after: 1500) == nil)
    }
}
