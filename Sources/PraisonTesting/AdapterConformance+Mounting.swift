import PraisonCore
import PraisonNet
import PraisonSimulation

extension AdapterConformance {
    func inMemory(_ body: @escaping @Sendable (Stage) async throws -> Void) async throws {
        let clock = VirtualClock()
        let doorstep = Doorstep()
        let simulator = Simulator(
            clock: clock, entropy: SeededEntropy(), client: InMemoryHTTPClient(doorstep),
            cryptography: OpenSSLCryptography())
        let stage = Stage(
            clock: clock, http: InMemoryHTTPClient(simulator, clock: clock),
            webSocket: InMemoryWebSocketClient(simulator),
            cryptography: OpenSSLCryptography(), baseURL: "http://simulator.test", doorstep: doorstep,
            extraSettings: settings("http://127.0.0.1/webhook"))
        try await VirtualTime(of: clock).run {
            try await play(stage, simulator, webhookURL: "http://127.0.0.1/webhook", body)
        }
    }

    func overSockets(_ body: @escaping @Sendable (Stage) async throws -> Void) async throws {
        let clock = SystemClock()
        let log = CapturingLog()
        let http = CurlHTTPClient(logger: log.logger)
        let doorstep = Doorstep()
        let simulator = Simulator(
            clock: clock, entropy: SeededEntropy(), client: http, cryptography: OpenSSLCryptography())
        do {
            try await HTTPServer.withServer(doorstep, logger: log.logger) { door in
                try await HTTPServer.withServer(simulator, logger: log.logger) { address in
                    let stage = Stage(
                        clock: clock, http: http, webSocket: NIOWebSocketClient(logger: log.logger),
                        cryptography: OpenSSLCryptography(), baseURL: address.url, doorstep: doorstep,
                        extraSettings: settings("\(door.url)/webhook"))
                    try await play(stage, simulator, webhookURL: "\(door.url)/webhook", body)
                }
            }
        } catch {
            await http.shutdown()
            throw error
        }
        await http.shutdown()
    }

    private func play(
        _ stage: Stage, _ simulator: Simulator, webhookURL: String,
        _ body: @escaping @Sendable (Stage) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await simulator.run()
                return false
            }
            group.addTask {
                if let webhook = Simulator.webhook(at: webhookURL) { try await stage.remote.setWebhook(webhook) }
                try await body(stage)
                return true
            }
            defer { group.cancelAll() }
            // The simulator may end earlier, where it has nothing to deliver.
            while let isPlayed = try await group.next(), !isPlayed {}
        }
    }
}
