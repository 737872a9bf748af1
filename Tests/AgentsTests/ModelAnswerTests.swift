import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite struct `a model's answer` {
    @Test(arguments: ModelFixture.ours, Framing.allCases)
    func `means the same however its bytes arrive`(_ fixture: ModelFixture, _ framing: Framing) async throws {
        let result = await Answer.read(fixture, framing)
        result.expectMatch(with: fixture.expectation)
    }

    @Test func `has been written down in all its shapes`() {
        for wire in ModelFixture.Wire.allCases {
            #expect(ModelFixture.ours.filter { $0.wire == wire }.count >= 10)
        }
    }

    @Test(
        .enabled(if: !ModelFixture.recorded.isEmpty, "PRAISON_CORPUS does not name the folder of recordings"),
        arguments: ModelFixture.recorded, Framing.allCases)
    func `is read as the official clients read it`(_ fixture: ModelFixture, _ framing: Framing) async throws {
        let result = await Answer.read(fixture, framing)
        result.expectMatch(with: fixture.expectation)
    }

    @Test(.timeLimit(.minutes(1)), arguments: ModelFixture.failing)
    func `is asked for once more where it fails for now and nothing was shown`(_ fixture: ModelFixture) async throws {
        let clock = VirtualClock()
        let server = ScriptedServer([fixture.response, fixture.wire.goodAnswer.response])
        let model = RetryingModel(
            model: WireProvider.make(server, wire: fixture.wire.value, clock: clock), policy: RetryPolicy(),
            clock: clock, entropy: SeededEntropy(), logger: silent)
        async let outcome: ModelResponse? = try? model.complete(.make()) { _ in }
        if fixture.expectation.isAskedAgain == true { await clock.advanceToNextSleeper() }
        #expect(await outcome?.text == (server.seen.count == 2 ? fixture.wire.goodAnswer.expectation.text : nil))
        #expect((server.seen.count == 2) == fixture.expectation.isAskedAgain)
    }

    @Test func `is never a reason to crash`() async {
        var random = MutationSource(seed: 7)
        for fixture in ModelFixture.ours {
            for _ in 0..<12 {
                var mutated = fixture
                mutated.bytes = random.mutate(fixture.bytes)
                let answer = await Answer.read(mutated, .oneByteAtATime)
                #expect(answer.text.utf8.count <= mutated.bytes.count * 3)
            }
        }
    }
}

/// How bytes may arrive on the way from the server.
enum Framing: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case whole, oneByteAtATime, sevenBytesAtATime, carriageReturnLineFeed, loneCarriageReturn, comments, noSpace
    case byteOrderMark

    var testDescription: String { rawValue }

    var pieceSize: Int? {
        switch self {
        case .oneByteAtATime, .carriageReturnLineFeed: 1
        case .sevenBytesAtATime: 7
        default: nil
        }
    }

    func apply(to fixture: ModelFixture) -> [UInt8] {
        let bytes = fixture.bytes
        // Only event streams may end a line with CR alone.
        if self == .loneCarriageReturn, fixture.wire == .ollama { return bytes }
        return switch self {
        case .whole, .oneByteAtATime, .sevenBytesAtATime: bytes
        case .carriageReturnLineFeed: bytes.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
        case .loneCarriageReturn: bytes.map { $0 == 0x0A ? 0x0D : $0 }
        case .comments: lines(bytes) { ":\n: keep-alive \($0)\n" }
        case .noSpace: replacing(bytes, "\ndata: ", "\ndata:")
        case .byteOrderMark: [0xEF, 0xBB, 0xBF] + bytes
        }
    }

    private func lines(_ bytes: [UInt8], _ comment: (Int) -> String) -> [UInt8] {
        guard bytes.first.map({ [0x64, 0x65, 0x3A].contains($0) }) == true else { return bytes }
        return bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated().flatMap { index, line in
            (index == 0 ? [] : [0x0A]) + (line.starts(with: "data".utf8) ? Array(comment(index).utf8) : []) + line
        }
    }

    private func replacing(_ bytes: [UInt8], _ old: String, _ new: String) -> [UInt8] {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasPrefix("data:") || text.hasPrefix(":") || text.hasPrefix("event:") else { return bytes }
        let replaced = "\n\(text)".split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
        return Array(replaced.utf8.dropFirst())
    }
}

/// What became of an answer, error or not.
struct Answer {
    var text = ""
    var reasoning = ""
    var refusal = ""
    var response: ModelResponse?
    var error: ModelError?

    static func read(_ fixture: ModelFixture, _ framing: Framing) async -> Answer {
        let server = CannedServer(
            framing.apply(to: fixture), type: fixture.type, pieceSize: framing.pieceSize)
        let events = Collected<ModelEvent>()
        var answer = Answer()
        do {
            answer.response = try await WireProvider.make(server, wire: fixture.wire.value).complete(.make()) {
                events.add($0)
            }
        } catch let error as ModelError {
            answer.error = error
        } catch {
            Issue.record("unexpected error \(error)")
        }
        for event in events.all {
            switch event {
            case .text(let more): answer.text += more
            case .reasoning(let more): answer.reasoning += more
            case .refusal(let more): answer.refusal += more
            case .toolCall: break
            }
        }
        return answer
    }

    func expectMatch(with expected: ModelFixture.Expectation) {
        #expect(text == expected.text)
        if !expected.reasoning.isEmpty || expected.errorSays == nil { #expect(reasoning == expected.reasoning) }
        #expect(refusal == expected.refusal)
        guard expected.errorSays == nil else {
            expectError(expected)
            return
        }
        guard let response else {
            Issue.record("failed with \(error?.description ?? "nothing")")
            return
        }
        #expect(response.text == text)
        #expect(response.refusal == refusal)
        #expect(response.toolCalls.count == expected.tools.count)
        for (call, wanted) in zip(response.toolCalls, expected.tools) {
            #expect(call.name == wanted.name)
            #expect(Self.meaning(of: call.arguments) == Self.meaning(of: wanted.arguments))
            #expect(wanted.id == "*" ? call.id.hasPrefix("call_") : call.id == wanted.id)
        }
        #expect(Set(response.toolCalls.map(\.id)).count == response.toolCalls.count)
        #expect(Self.word(response.finish) == expected.finish)
        #expect(response.usage?.input == expected.usage?.input)
        #expect(response.usage?.output == expected.usage?.output)
        if let cached = expected.usage?.cachedInput, cached > 0 { #expect(response.usage?.cachedInput == cached) }
    }

    /// Arguments without the white space around their parts; broken ones as they are.
    private static func meaning(of arguments: String) -> String {
        (try? JSONDocument(parsing: arguments).value.text()) ?? arguments
    }

    private func expectError(_ expected: ModelFixture.Expectation) {
        guard let error else {
            Issue.record("expected an error, got \(String(describing: response))")
            return
        }
        #expect(error.detail.contains(expected.errorSays ?? ""))
        if let kind = expected.errorKind { #expect(error.kind.rawValue == kind) }
        if let isRetryable = expected.isRetryable { #expect(error.isRetryable == isRetryable) }
    }

    private static func word(_ finish: ModelResponse.FinishReason) -> String {
        switch finish {
        case .stop: "stop"
        case .length: "length"
        case .toolCalls: "tool_calls"
        case .contentFilter: "content_filter"
        case .other(let word): word
        }
    }
}

/// The same mutations in every run.
struct MutationSource {
    private let entropy: SeededEntropy

    init(seed: UInt64) { entropy = SeededEntropy(seed: seed) }

    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...number(below: 4) {
            guard !bytes.isEmpty else { return bytes }
            let place = number(below: bytes.count)
            switch number(below: 5) {
            case 0: bytes[place] = UInt8(number(below: 256))
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(UInt8(number(below: 256)), at: place)
            case 3: bytes.removeSubrange(place...)
            default:
                bytes.insert(contentsOf: bytes[place..<min(place + 40, bytes.count)], at: number(below: bytes.count))
            }
        }
        return bytes
    }

    private func number(below limit: Int) -> Int { Int(entropy.fraction() * Double(limit)) }
}
