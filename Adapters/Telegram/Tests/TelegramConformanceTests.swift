import PraisonTesting
import TelegramAdapter
import TelegramSimulator
import Testing

@Suite(.timeLimit(.minutes(5))) struct `the telegram adapter` {
    @Test(arguments: AdapterPromise.allCases, Mounting.allCases)
    func `keeps every promise`(promise: AdapterPromise, mounting: Mounting) async throws {
        try await AdapterConformance<TelegramAdapter, TelegramSimulator>().check(promise, mounting)
    }

    @Test(arguments: AdapterPromise.allCases, Mounting.allCases)
    func `keeps every promise by webhook`(promise: AdapterPromise, mounting: Mounting) async throws {
        try await AdapterConformance<TelegramAdapter, TelegramSimulator> { url in
            [("mode", "webhook"), ("webhook_url", url)]
        }.check(promise, mounting)
    }
}
