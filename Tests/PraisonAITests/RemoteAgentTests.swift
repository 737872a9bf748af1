import Foundation
import Logging
import PraisonAI
import PraisonClient
import PraisonNet
import Testing

/// One process serves the gateway and asks, others serve the agent.
@Suite(.timeLimit(.minutes(2))) struct `an agent in another process` {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// The process `remote-agent`, killed at the end.
    private final class AgentProcess: Sendable {
        private let process: Process
        private let ends: AsyncStream<Void>

        /// - Parameter variable: set in its environment.
        init(_ name: String, gateway: String, variable: String? = nil) throws {
            process = Process()
            let (ends, end) = AsyncStream.makeStream(of: Void.self)
            self.ends = ends
            process.terminationHandler = { _ in end.finish() }
            process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
                .deletingLastPathComponent().appending(path: "remote-agent")
            if !FileManager.default.isExecutableFile(atPath: process.executableURL?.path() ?? "") {
                process.executableURL = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?
                    .bundleURL.deletingLastPathComponent().appending(path: "remote-agent")
            }
            process.arguments = [name]
            process.environment = ProcessInfo.processInfo.environment
                .merging(["PRAISONAI_GATEWAY_URL": gateway, "SWIFT_BACKTRACE": "enable=no"]) { $1 }
                .merging(variable.map { [$0: "1"] } ?? [:]) { $1 }
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
        }

        func ended() async { for await _ in ends {} }

        deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
    }

    private static let local = Agent(name: "local") { turn, _, _ in
        Reply(text: "the local one knows \(turn.input.last?.text ?? "")")
    }

    private func gateway<Value: Sendable>(
        port: Int = 0, sessions: SessionConfig = SessionConfig(persist: false),
        _ body: @escaping @Sendable (_ url: String, _ gateway: Gateway) async throws -> Value
    ) async throws -> Value {
        let gateway = Gateway(
            GatewayConfig(port: port, sessionConfig: sessions), agents: [Self.local], logger: Self.quiet)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await gateway.run()
                return nil
            }
            group.addTask {
                defer { gateway.shutdown() }
                let address = try #require(await gateway.address)
                return try await body(address.replacing("http://", with: "ws://") + "/ws", gateway)
            }
            var value: Value?
            for try await result in group { value = result ?? value }
            return try #require(value)
        }
    }

    private func ask(_ question: String, _ url: String) async throws -> String {
        try await ask([question], url).last ?? ""
    }

    /// The answers to questions of one session, once the agent's process has registered for the first time.
    private func ask(_ questions: [String], _ url: String) async throws -> [String] {
        while true {
            do { return try await askAtOnce(questions, url) } catch GatewayClientError.refused(
                code: "agent_not_found", _, _)
            {
                // A process of its own registers when it gets to it; asking takes a while, too.
                try Task.checkCancellation()
            }
        }
    }

    private func askAtOnce(_ questions: [String], _ url: String) async throws -> [String] {
        try await GatewayClient.withClient(
            .init(url: url, agent: "elsewhere"), webSocket: NIOWebSocketClient(logger: Self.quiet), logger: Self.quiet
        ) { client in
            var answers: [String] = []
            for question in questions { answers.append(try await client.ask(question).text) }
            return answers
        }
    }

    @Test func `is asked like any other`() async throws {
        let answer = try await gateway { url, _ in
            let process = try AgentProcess("elsewhere", gateway: url)
            defer { withExtendedLifetime(process) {} }
            return try await ask("hello", url)
        }
        #expect(answer == "elsewhere says hello")
    }

    @Test func `asks the agents of the gateway`() async throws {
        let answer = try await gateway { url, _ in
            let process = try AgentProcess("elsewhere", gateway: url)
            defer { withExtendedLifetime(process) {} }
            return try await ask("ask more", url)
        }
        #expect(answer == "elsewhere heard: the local one knows more")
    }

    @Test func `asks by the tool ask_agent where it thinks with a language model, and hands over by hand_over`()
        async throws
    {
        let answers = try await gateway { url, _ in
            let process = try AgentProcess("elsewhere", gateway: url, variable: "THINKS")
            defer { withExtendedLifetime(process) {} }
            return try await ask(
                [
                    #"use ask_agent {"agent": "local", "question": "more"}"#, #"use hand_over {"agent": "local"}"#,
                    "anything",
                ], url)
        }
        #expect(answers[0].contains("the local one knows more"))
        #expect(answers[1].contains("local answers as soon as you have ended"))
        #expect(answers[2] == "the local one knows anything")
    }

    @Test func `is waited for by a gateway that was started anew, and so by its clients`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "praisonai-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let sessions = SessionConfig(persistPath: folder.path())
        let port = ReusedPort()
        let process = try await gateway(port: port.number, sessions: sessions) { url, _ in
            let process = try AgentProcess("elsewhere", gateway: url)
            #expect(try await ask("hello", url) == "elsewhere says hello")
            return process
        }
        defer { withExtendedLifetime(process) {} }
        try await port.released()
        let answers = try await gateway(port: port.number, sessions: sessions) { url, _ in
            try await askAtOnce(["again"], url)
        }
        #expect(answers == ["elsewhere says again"])
    }

    @Test func `hands its unfinished turn to the next process when it dies`() async throws {
        let answer = try await gateway { url, _ in
            let first = try AgentProcess("elsewhere", gateway: url, variable: "MAY_DIE")
            defer { withExtendedLifetime(first) {} }
            #expect(try await ask("hello", url) == "elsewhere says hello")
            async let answer = ask("die please", url)
            await first.ended()
            let second = try AgentProcess("elsewhere", gateway: url)
            defer { withExtendedLifetime(second) {} }
            return try await answer
        }
        #expect(answer == "elsewhere says die please")
    }
}
