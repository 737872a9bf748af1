import PraisonClient
import PraisonCore
import UnixSignals

/// Lines in, answers out, until the input ends or the person leaves.
struct ChatConversation: Sendable {
    let agent: String
    /// Whether a person sits at a terminal: they get a prompt, and a line about what goes on.
    let isInteractive: Bool
    /// Whether somebody is there who can end a waiting that is in vain.
    let isAttended: Bool

    /// - Returns: whether a message could not be answered.
    func run(_ client: GatewayClient) async throws -> Bool {
        let interruptions = Interruptions(client)
        let signals = await UnixSignalsSequence(trapping: .sigint)
        return try await withThrowingTaskGroup(of: Bool?.self) { group in
            group.addTask { try await converse(client, interruptions) }
            group.addTask {
                for await _ in signals { await interruptions.interrupt() }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            return true
        }
    }

    private func converse(_ client: GatewayClient, _ interruptions: Interruptions) async throws -> Bool {
        var events = client.events.makeAsyncIterator()
        try await connect(&events)
        if isInteractive {
            say("connected to \(agent); /help for commands, /quit to leave")
        }
        var hasFailures = false
        let input = LineInput()
        while !Task.isCancelled {
            if isInteractive { Console.put(Paint(.output).bold("> ")) }
            guard let line = await input.next() else { break }
            let words = line.trimmingWhitespace
            if words.isEmpty { continue }
            if words == "/quit" || words == "/exit" { return hasFailures }
            let id = try await client.send(words)
            await interruptions.begin()
            let isGood = try await answer(to: id, &events, client, input)
            await interruptions.end()
            hasFailures = hasFailures || !isGood
        }
        if isInteractive { Console.write("") }
        return hasFailures
    }

    private func connect(_ events: inout GatewayClient.Events.AsyncIterator) async throws {
        while let event = await events.next() {
            switch event {
            case .connected: return
            case .disconnected(let reason, _):
                throw CommandFailure(.tryAgain, "no gateway answers: \(reason); start one with praisonai gateway start")
            default: continue
            }
        }
        throw CancellationError()
    }

    /// Prints the answer as it comes.
    ///
    /// - Returns: whether there was one.
    private func answer(
        to id: String, _ events: inout GatewayClient.Events.AsyncIterator, _ client: GatewayClient, _ input: LineInput
    ) async throws -> Bool {
        var answer = ChatAnswer()
        var patience = Patience()
        while let event = await events.next() {
            switch event {
            case .text(let more): Console.put(answer.take(more).escapingControlsInLines)
            case .reply(let reply) where reply.requestID == nil || reply.requestID == id:
                Console.write(answer.rest(of: reply.text).escapingControlsInLines)
                // Where there are words, they say what went wrong.
                if !reply.isOK, reply.text.isEmpty, let message = reply.errorMessage { say(message) }
                return reply.isOK
            case .aborted(let stopped, let request):
                Console.write("")
                say(stopped == StoppedTurns(turnAborted: false, pendingCancelled: 0) ? "nothing to stop" : "stopped")
                // Who says "stop" has got what they wanted.
                return request == id
            case .streamRestarted:
                Console.write("")
                answer = ChatAnswer()
            case .problem(let message, _, let request, _) where request == nil || request == id:
                say(message)
                return false
            case .question(let question):
                say(
                    question.prompt + (question.options.isEmpty ? "" : " (\(question.options.joined(separator: ", ")))")
                )
                await client.answer(question, with: Self.answer(to: question, await input.next() ?? ""))
            case .toolCall(let call): if isInteractive { say("uses \(call.name)") }
            case .connected: patience.isConnected()
            case .disconnected(let reason, let wait):
                if patience.isOver(at: .now, beforeNext: wait), !isAttended {
                    throw CommandFailure(
                        .tryAgain, "the gateway went away during the answer and did not come back in time: \(reason)")
                }
                say("\(reason); trying again in \(Int(wait.inSeconds.rounded(.up))) s")
            case .sessionLost(let reason): say("a new conversation begins: \(reason)")
            default: continue
            }
        }
        throw CancellationError()
    }

    /// What a person may type: `y` does for `allow`, and whatever is no yes is a no.
    private static func answer(to question: GatewayClient.Question, _ line: String) -> String {
        guard question.kind == "approval" else { return line }
        return ["y", "yes", "allow"].contains(line.filter { !$0.isWhitespace }.lowercased()) ? "allow" : "deny"
    }

    /// A word about what goes on; the output holds answers only.
    private func say(_ words: String) {
        Console.write(Paint(.error).dim("(\(words.escapingControls))"), to: .error)
    }
}

/// What Ctrl-C means right now.
private actor Interruptions {
    private enum State { case idle, answering, stopping }

    private let client: GatewayClient
    private var state = State.idle

    init(_ client: GatewayClient) { self.client = client }

    func begin() { state = .answering }
    func end() { state = .idle }

    func interrupt() async {
        switch state {
        case .answering:
            state = .stopping
            await client.abort()
        case .idle:
            Console.write("")
            Console.exit(.done)
        case .stopping:
            Console.write("")
            Console.exit(.failed)
        }
    }
}
