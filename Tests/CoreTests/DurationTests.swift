import PraisonCore
import Testing

@Suite struct `a duration for people` {
    @Test(arguments: [
        (Duration.milliseconds(50), "0.05 s"), (.milliseconds(777), "0.78 s"), (.seconds(1), "1 s"),
        (.milliseconds(2540), "2.5 s"), (.seconds(119), "119 s"), (.seconds(150), "2.5 min"), (.seconds(7200), "2 h"),
        (.seconds(85_700), "23.8 h"), (.zero, "0 s"), (.seconds(-3), "-3 s"),
        (.seconds(Int64.max), "1000000000000 h"),
    ])
    func `has one figure and one unit`(duration: Duration, words: String) {
        #expect(duration.inWords == words)
    }
}
