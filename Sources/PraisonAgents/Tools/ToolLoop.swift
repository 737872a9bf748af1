import Logging
import PraisonCore

/// A turn with tools: the model is asked, what it asks for is done, and it is asked again, until it answers.
///
/// Whatever it asks for gets a result, since a call without one makes the next request invalid. A model that goes round
/// in circles is asked once more with its tools taken away, so that the person gets words.
struct ToolLoop: Sendable {
    /// Requests with tools in one turn.
    static let maximumSteps = 10
    /// Times the same call is carried out in one turn, and times that an answer may run out of room within its calls.
    static let maximumRepeats = 2

    let model: any ModelProvider
    /// Keeps the account; `nil` where nobody asks for one.
    var meter: SpendMeter?
    let runner: ToolRunner

    /// What a turn came to.
    struct Outcome {
        var response: ModelResponse
        /// Calls, results and the words between them, without the last answer.
        var steps: [ChatMessage]
        /// Over all requests.
        var usage: TokenUsage?
        /// Calls that the caller has to carry out before there is an answer.
        var handedOver: [ToolCall] = []
    }

    /// - Parameters:
    ///   - request: its tools are those the turn may use.
    ///   - choice: of the first step: `auto`, `none`, `required`, or the name of the tool to use. After that the model is
    ///     free, unless it is `none`.
    ///   - step: told before each request after the first, so that words are kept apart.
    func run(
        _ request: ModelRequest, choosing choice: String = "auto", for turn: Turn,
        emit: @escaping @Sendable (ModelEvent) async throws -> Void,
        step: @escaping @Sendable () async throws -> Void,
        tell: @escaping @Sendable (ReplyPart) async throws -> Void
    ) async throws -> Outcome {
        let tools = request.tools
        var request = request.choosing(choice)
        var steps: [ChatMessage] = []
        var usage: TokenUsage?
        var counts: [String: Int] = [:]
        var cutOff = 0
        for number in 1...Self.maximumSteps + 1 {
            if number > 1 { try await step() }
            if number > Self.maximumSteps { request.toolChoice = .none }
            let response = try await complete(request, for: turn, emit: emit).withNewIDs(after: request.messages)
            usage = TokenUsage.sum(usage, response.usage)
            guard !response.toolCalls.isEmpty, number <= Self.maximumSteps, request.toolChoice != .none else {
                return Outcome(response: response, steps: steps, usage: usage)
            }
            let handedOver = Self.callersOwn(response, turn)
            guard handedOver.isEmpty else {
                // The caller knows nothing of other tools; what it does not answer the model may ask for again.
                let isWhole = handedOver.count == response.toolCalls.count
                let asked = ChatMessage(
                    .assistant, response.text, toolCalls: handedOver,
                    continuation: isWhole ? response.continuation : nil)
                return Outcome(response: response, steps: steps + [asked], usage: usage, handedOver: handedOver)
            }
            for call in response.toolCalls { try await tell(.toolCall(call)) }
            let results = try await results(of: response, turn, &counts, tell)
            let asked = ChatMessage(
                .assistant, response.text, toolCalls: response.toolCalls.map(Self.readable),
                continuation: response.continuation)
            steps += [asked] + results
            request.messages += [asked] + results
            if response.finish == .length { cutOff += 1 }
            // All it does is repeat itself, or begin what it can't finish: no tool will help.
            let isStuck =
                cutOff >= Self.maximumRepeats
                || response.toolCalls.allSatisfy { counts[Self.key($0), default: 0] > Self.maximumRepeats }
            if isStuck { request.toolChoice = .none }
            // Being made to use a tool once must not mean for ever.
            if request.toolChoice == .required { request.toolChoice = .automatic }
            request.tools = tools
        }
        throw AgentError(.internal, detail: "the tool loop has no end")
    }

    /// One request, on the account of whoever asks.
    func complete(
        _ request: ModelRequest, for turn: Turn, emit: @escaping @Sendable (ModelEvent) async throws -> Void
    ) async throws -> ModelResponse {
        guard let meter else { return try await model.complete(request, emit: emit) }
        return try await meter.complete(request, for: turn, by: model, emit: emit)
    }

    private func results(
        of response: ModelResponse, _ turn: Turn, _ counts: inout [String: Int],
        _ tell: @escaping @Sendable (ReplyPart) async throws -> Void
    ) async throws -> [ChatMessage] {
        if response.finish == .length {
            // The last call's arguments end where the room did.
            return response.toolCalls.map {
                ToolRunner.refusal(of: $0, "the answer was cut off before the call was complete; ask for less at once")
            }
        }
        var refused: [String: ChatMessage] = [:]
        var wanted: [ToolCall] = []
        for call in response.toolCalls {
            counts[Self.key(call), default: 0] += 1
            if counts[Self.key(call), default: 0] > Self.maximumRepeats {
                refused[call.id] = ToolRunner.refusal(
                    of: call, "you asked the same before; use the result you have and answer")
            } else {
                wanted.append(call)
            }
        }
        let done = try await runner.results(of: wanted, for: turn, emit: tell)
        let byCall = Dictionary(done.map { ($0.toolCallID ?? "", $0) }) { first, _ in first }
        return response.toolCalls.compactMap { byCall[$0.id] ?? refused[$0.id] }
    }

    /// The calls of tools that whoever asks has brought along; none where they may be incomplete.
    private static func callersOwn(_ response: ModelResponse, _ turn: Turn) -> [ToolCall] {
        guard let tools = turn.caller?.tools, !tools.isEmpty, response.finish != .length else { return [] }
        return response.toolCalls.filter { call in tools.contains { $0.name == call.name } }.map(readable)
    }

    /// What makes two calls the same: their name and what they ask, however it is spaced.
    private static func key(_ call: ToolCall) -> String { "\(call.name) \(call.argumentObject.text())" }

    /// Broken arguments would be parsed, and refused, by servers that get them back.
    private static func readable(_ call: ToolCall) -> ToolCall {
        let isReadable = (try? JSONDocument(parsing: call.arguments))?.kind == .object
        return isReadable ? call : ToolCall(id: call.id, name: call.name, arguments: "{}")
    }
}

extension ModelRequest {
    fileprivate func choosing(_ choice: String) -> ModelRequest {
        var request = self
        switch choice {
        case "auto", "": break
        case "none": request.toolChoice = .none
        case "required": if !tools.isEmpty { request.toolChoice = .required }
        case let name:
            // Protocols name a tool in different ways; all of them know the only one there is.
            let named = tools.filter { $0.name == name }
            guard !named.isEmpty else { break }
            request.tools = named
            request.toolChoice = .required
        }
        return request
    }
}

extension ModelResponse {
    /// The answer with calls that are called as no other call of the conversation is. There are servers that begin to count
    /// anew in each answer, and a result would belong to two calls.
    fileprivate func withNewIDs(after messages: [ChatMessage]) -> ModelResponse {
        // What is sent back as it came names its calls itself; those who want that count for themselves.
        guard !toolCalls.isEmpty, continuation == nil else { return self }
        var taken = Set(messages.flatMap(\.toolCalls).map(\.id))
        var copy = self
        for index in copy.toolCalls.indices {
            let id = copy.toolCalls[index].id
            var number = 1
            while !taken.insert(copy.toolCalls[index].id).inserted {
                number += 1
                copy.toolCalls[index].id = "\(id)_\(number)"
            }
        }
        return copy
    }
}
