import PraisonCore

/// Puts tool calls together from the fragments a stream brings, in all the ways servers are known to cut them.
///
/// OpenAI numbers its calls and sends id and name once. Others leave the number out, use 0 for every call, repeat id
/// and name in each fragment, or send a whole call, even with its arguments as an object, in one. The rule that covers
/// them: the number is the key; a fragment with another id than the call under its key opens a new call, as does one
/// without a number but with a name; ids and names replace, arguments append.
struct ToolCallAssembler {
    private struct Call {
        var id = ""
        var name = ""
        var arguments = ""
    }

    /// Calls in one answer; more are a sign of a model gone astray.
    static let maximumCalls = 128
    /// Bytes of one call's arguments.
    static let maximumArguments = 1 << 20

    private var calls: [Call] = []
    /// Where in `calls` the server's numbers point to now.
    private var positions: [Int64: Int] = [:]

    var isEmpty: Bool { calls.isEmpty }

    /// Takes one element of `tool_calls`, or the old `function_call`.
    mutating func take(_ fragment: JSONDocument) throws(ModelError) -> ModelEvent? {
        let function = fragment["function"] ?? fragment
        let id = fragment["id"]?.scalarText ?? ""
        let name = function["name"]?.string ?? ""
        let arguments = Self.argumentText(function["arguments"])
        let number = fragment["index"]?.integer
        guard let position = try position(number: number, id: id, name: name, arguments: arguments) else { return nil }
        if !id.isEmpty { calls[position].id = id }
        if !name.isEmpty { calls[position].name = name }
        guard calls[position].arguments.utf8.count + arguments.utf8.count <= Self.maximumArguments else {
            throw ModelError(.transient, detail: "the model wrote endless tool arguments", isRetryable: false)
        }
        calls[position].arguments += arguments
        return .toolCall(
            position: position, id: calls[position].id, name: calls[position].name, arguments: arguments)
    }

    /// Takes a call that a protocol always sends whole, so that two of the same name are two.
    mutating func take(whole call: JSONDocument) throws(ModelError) -> ModelEvent? {
        let function = call["function"] ?? call
        let position = try open()
        calls[position] = Call(
            id: call["id"]?.scalarText ?? "", name: function["name"]?.string ?? "",
            arguments: Self.argumentText(function["arguments"]))
        let taken = calls[position]
        return .toolCall(position: position, id: taken.id, name: taken.name, arguments: taken.arguments)
    }

    /// The calls in the order they began.
    ///
    /// - Parameter makeID: for calls that came without an id, or with one another call of the answer has already.
    func calls(makeID: () -> String) -> [ToolCall] {
        var seen: Set<String> = []
        return calls.filter { !$0.name.isEmpty }.map { call in
            let id = call.id.isEmpty || seen.contains(call.id) ? makeID() : call.id
            seen.insert(id)
            let isBlank = call.arguments.allSatisfy(\.isWhitespace)
            return ToolCall(id: id, name: call.name, arguments: isBlank ? "{}" : call.arguments)
        }
    }

    private mutating func position(
        number: Int64?, id: String, name: String, arguments: String
    ) throws(ModelError) -> Int? {
        if let number {
            if let known = positions[number], id.isEmpty || calls[known].id.isEmpty || calls[known].id == id {
                let isAnother = id.isEmpty && !name.isEmpty && !arguments.isEmpty && isWhole(calls[known].arguments)
                if !isAnother { return known }
            }
            let opened = try open()
            positions[number] = opened
            return opened
        }
        if !id.isEmpty, let known = calls.lastIndex(where: { $0.id == id }) { return known }
        if !id.isEmpty || !name.isEmpty { return try open() }
        // A nameless fragment goes on with the call before it; with none before, there is nothing to go on with.
        return calls.indices.last
    }

    /// Where all calls come whole, numbered 0 and without ids, only complete arguments tell that the next one begins.
    private func isWhole(_ arguments: String) -> Bool {
        arguments.hasPrefix("{") && (try? JSONDocument(parsing: arguments)) != nil
    }

    private mutating func open() throws(ModelError) -> Int {
        guard calls.count < Self.maximumCalls else {
            throw ModelError(.transient, detail: "the model asked for endlessly many tools", isRetryable: false)
        }
        calls.append(Call())
        return calls.count - 1
    }

    private static func argumentText(_ arguments: JSONDocument?) -> String {
        switch arguments?.kind {
        case .string: arguments?.string ?? ""
        case .object, .array: arguments.map { String(decoding: $0.rawBytes, as: UTF8.self) } ?? ""
        default: ""
        }
    }
}
