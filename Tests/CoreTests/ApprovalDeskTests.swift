import Logging
import PraisonCore
import PraisonSimulation
import Testing

@Suite(.timeLimit(.minutes(1))) struct `an approval` {
    private let clock = VirtualClock()
    private let desk: ApprovalDesk
    private let chat = Chat()

    init() {
        desk = ApprovalDesk(
            cursors: nil, clock: clock, entropy: SeededEntropy(seed: 1),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        desk.add(chat)
    }

    private static let call = ToolCall(id: "1", name: "delete_file", arguments: #"{"path": "a.txt", "force": true}"#)
    private static let turn = Turn(
        id: "t", history: [], input: [],
        conversation: Conversation(channel: "house", id: "42", scope: .dm), sender: Sender(id: "7"))

    private func ask(_ call: ToolCall = call) async throws -> ApprovalDecision {
        try await desk.decision(on: call, by: "assistant", during: Self.turn, within: .seconds(60))
    }

    @Test func `is shown with what it is about and given once`() async throws {
        async let decision = ask()
        let request = try await chat.shown()
        #expect(request.words == #"assistant wants to run delete_file with {"path": "a.txt", "force": true}"#)
        #expect(request.conversation == Self.turn.conversation)
        #expect(request.expiresAt == request.askedAt + .seconds(60))
        #expect(await desk.pending == [request])
        #expect(await desk.resolve(request.id, .allowed(by: "ada")) == request)
        #expect(await desk.resolve(request.id, .denied(by: "eve", reason: nil)) == nil)
        #expect(try await decision == .allowed(by: "ada"))
        #expect(try await chat.withdrawn() == .allowed(by: "ada"))
        #expect(await desk.pending.isEmpty)
    }

    @Test func `is refused with a reason`() async throws {
        async let decision = ask()
        try await desk.resolve(chat.shown().id, .denied(by: "ada", reason: "not today"))
        #expect(try await decision == .denied(by: "ada", reason: "not today"))
    }

    @Test func `expires when nobody answers`() async throws {
        async let decision = ask()
        let request = try await chat.shown()
        await clock.nextSleeper()
        clock.advance(by: .seconds(60))
        #expect(try await decision == .expired)
        #expect(try await chat.withdrawn() == .expired)
        #expect(await desk.resolve(request.id, .allowed(by: "ada")) == nil)
    }

    @Test func `is taken back when its turn is stopped`() async throws {
        let request = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try? await ask() }
            let request = try await chat.shown()
            group.cancelAll()
            return request
        }
        #expect(try await chat.withdrawn() == nil)
        #expect(await desk.resolve(request.id, .allowed(by: "ada")) == nil)
    }

    @Test func `is not needed for what has been allowed for good`() async throws {
        try await desk.allowList.add(
            "delete_file", agent: "assistant", arguments: #"{"force":true,"path":"a.txt"}"#, approver: "ada")
        #expect(try await ask() == .allowed(by: "ada"))
        async let other = ask(ToolCall(id: "2", name: "delete_file", arguments: #"{"path":"b.txt"}"#))
        try await desk.resolve(chat.shown().id, .denied(by: "ada", reason: nil))
        #expect(try await !other.isAllowed)
    }

    @Test func `shows no control characters and no more than people read`() async throws {
        let arguments = "{\"a\":\"\u{1B}[2J\n" + String(repeating: "x", count: 600) + "\"}"
        async let decision = ask(ToolCall(id: "1", name: "shell", arguments: arguments))
        let request = try await chat.shown()
        #expect(request.shownArguments.hasPrefix(#"{"a":"[2J xxx"#))
        #expect(request.shownArguments.count == 501)
        #expect(request.arguments == arguments)
        await desk.resolve(request.id, .allowed(by: "ada"))
        _ = try await decision
    }
}

/// A place where a test reads what people would.
private final class Chat: ApprovalPresenter {
    private let requests = Observed<[ApprovalRequest]>([])
    private let decisions = Observed<[ApprovalDecision?]>([])

    func present(_ request: ApprovalRequest) async { requests.change { $0.append(request) } }

    func withdraw(_ request: ApprovalRequest, _ decision: ApprovalDecision?) async {
        decisions.change { $0.append(decision) }
    }

    /// The request shown last, once there is one.
    func shown() async throws -> ApprovalRequest { try #require(await requests.wait(until: { !$0.isEmpty }).last) }

    /// How the only request ended.
    func withdrawn() async throws -> ApprovalDecision? {
        try #require(await decisions.wait(until: { !$0.isEmpty }).last)
    }
}
