import Logging
import PraisonCore

/// Runs the tools a model asked for, all at once, and has a result for each, whatever happens.
struct ToolRunner: Sendable {
    /// Bytes of a result that a model is shown.
    static let maximumResult = 32 << 10

    private let box: ToolBox
    /// `nil` where tools are used without asking anybody.
    private let gate: ToolGate?
    /// What is held against words that are said elsewhere; `nil` where nothing is.
    private let guardrails: Guardrails?
    private let clock: any GatewayClock
    private let logger: Logger

    init(
        _ box: ToolBox, gate: ToolGate? = nil, guardrails: Guardrails? = nil, clock: any GatewayClock, logger: Logger
    ) {
        self.box = box
        self.gate = gate
        self.guardrails = guardrails
        self.clock = clock
        self.logger = logger
    }

    /// What a model may be told of, for this turn: the agent's tools, and those the caller has brought along, which come
    /// before others of the same name.
    func definitions(for turn: Turn) async -> [ModelRequest.Tool] {
        let brought = turn.caller?.tools ?? []
        let names = Set(brought.map(\.name))
        let own = await box.tools(for: turn).values.map(\.tool.definition).filter { !names.contains($0.name) }
        return own.sorted { $0.name < $1.name } + brought
    }

    /// The results in the order of the calls.
    ///
    /// - Parameter emit: told each result as soon as it is there.
    /// - Throws: `CancellationError`, and what `emit` throws.
    func results(
        of calls: [ToolCall], for turn: Turn, emit: @escaping @Sendable (ReplyPart) async throws -> Void
    ) async throws -> [ChatMessage] {
        let tools = await box.tools(for: turn)
        return try await withThrowingTaskGroup(of: (Int, ChatMessage).self) { group in
            for (index, call) in calls.enumerated() {
                group.addTask {
                    let result = try await result(of: call, turn, tools)
                    try await emit(.toolResult(id: call.id, text: result.text, isError: result.isError == true))
                    return (index, result)
                }
            }
            var results: [(Int, ChatMessage)] = []
            for try await result in group { results.append(result) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// A result for a call that is not to be carried out.
    static func refusal(of call: ToolCall, _ reason: String) -> ChatMessage {
        ChatMessage(.tool, "Error: \(reason)", toolCallID: call.id, isError: true)
    }

    private func result(
        of call: ToolCall, _ turn: Turn, _ tools: [String: ToolBox.Item]
    ) async throws -> ChatMessage {
        guard let (tool, approval) = tools[call.name].map({ ($0.tool, $0.approval) }) else {
            let known = tools.keys.sorted().joined(separator: ", ")
            return Self.refusal(of: call, "there is no tool \(call.name.prefix(64)); there are: \(known)")
        }
        var arguments: JSONDocument
        do {
            arguments = try JSONDocument(parsing: call.arguments)
        } catch {
            return Self.refusal(of: call, "the arguments are \(error); write one JSON object")
        }
        guard arguments.kind == .object else { return Self.refusal(of: call, "the arguments are no JSON object") }
        if let objection = try await gate?.objection(to: call, approval, for: turn) {
            log(call, turn, clock.uptime, "not permitted")
            return Self.refusal(of: call, objection)
        }
        do {
            if let speaker = tool as? any SpeaksElsewhere {
                arguments = try await checked(arguments, of: speaker, turn)
            }
        } catch let error as ToolError {
            log(call, turn, clock.uptime, error.description)
            return Self.refusal(of: call, error.description)
        }
        let start = clock.uptime
        do {
            let text = try await withTimeout(tool.timeLimit, clock: clock) { [arguments] in
                try await tool.run(arguments, for: turn)
            }
            log(call, turn, start, "done")
            let shown = Self.cut(text)
            return ChatMessage(.tool, Self.fenced(shown, from: tool), toolCallID: call.id)
        } catch is TimeoutError {
            log(call, turn, start, "timed out")
            return Self.refusal(of: call, "no result within \(tool.timeLimit.inWords)")
        } catch let error as ToolError {
            log(call, turn, start, error.description)
            // A server that refuses says why, in whatever words.
            let refusal = Self.refusal(of: call, Self.cut(error.description))
            return ChatMessage(.tool, Self.fenced(refusal.text, from: tool), toolCallID: call.id, isError: true)
        } catch {
            try Task.checkCancellation()
            log(call, turn, start, "\(error)")
            return Self.refusal(of: call, "the tool failed")
        }
    }

    /// What a tool brought, behind a fence where others wrote it.
    private static func fenced(_ text: String, from tool: any Tool) -> String {
        tool is any BringsForeignText ? Fence.wrap(text, in: "tool_result", [("tool", tool.name)]) : text
    }

    /// The arguments with the words as they may be said.
    private func checked<Speaker: SpeaksElsewhere>(
        _ arguments: JSONDocument, of tool: Speaker, _ turn: Turn
    ) async throws -> JSONDocument {
        guard let guardrails, let words = arguments[dynamic: Speaker.words]?.string else { return arguments }
        let checked = try await guardrails.checkedWords(words, for: turn)
        guard checked != words, var object = arguments.value.object else { return arguments }
        object[Speaker.words] = .string(checked)
        return try JSONDocument(parsing: JSONValue.object(object).text())
    }

    private func log(_ call: ToolCall, _ turn: Turn, _ start: Duration, _ end: String) {
        logger.info(
            "tool used",
            metadata: [
                "tool": "\(call.name)", "turn": "\(turn.id)", "end": "\(LogText.line(end, key: nil, limit: 200))",
                "seconds": "\((clock.uptime - start).inSeconds)",
            ])
    }

    /// The beginning of a text that is too long, cut between characters.
    static func cut(_ text: String, to maximum: Int = maximumResult) -> String {
        guard text.utf8.count > maximum else { return text }
        var size = 0
        var end = text.unicodeScalars.startIndex
        for index in text.unicodeScalars.indices {
            size += UTF8.width(text.unicodeScalars[index])
            if size > maximum { break }
            end = text.unicodeScalars.index(after: index)
        }
        return String(text[..<end]) + "\n[cut: the result has \(text.utf8.count) bytes]"
    }
}
