import DiscordAdapter
import DiscordSimulator
import PraisonTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct `the discord adapter` {
    @Test(arguments: AdapterPromise.allCases, Mounting.allCases)
    func `keeps every promise`(promise: AdapterPromise, mounting: Mounting) async throws {
        try await AdapterConformance<DiscordAdapter, DiscordSimulator>().check(promise, mounting)
    }
}
