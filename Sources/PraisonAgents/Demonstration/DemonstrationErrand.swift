import PraisonCore

/// What the demonstration model has tools do: it asks for them like any other model, and puts their results into words.
struct DemonstrationErrand {
    /// The tools it may ask for.
    let tools: Set<String>
    /// The name that whoever asks has just given, where it is to be kept.
    var name: String?
    /// Whether the name is asked for, and not found in the conversation.
    var asksForName = false

    /// The calls that answer `question`; none where no tool would help.
    ///
    /// - Parameters:
    ///   - question: in lower case, without polite words.
    ///   - original: the same as it was written.
    func calls(for question: String, _ original: String) -> [(name: String, arguments: JSONValue)] {
        if let call = directCall(original) { return [call] }
        if tools.contains("calculator"), let sum = DemonstrationScript.sum(in: question) {
            return [("calculator", ["expression": .string(sum)])]
        }
        if tools.contains("remember"), let fact = Self.rest(of: original, after: ["remember that ", "Remember that "]) {
            return [("remember", ["fact": .string(fact)])]
        }
        if let name, tools.contains("remember") {
            return [("remember", ["fact": .string(NameMemory.fact(of: name))])]
        }
        if asksForName, tools.contains("recall") { return [("recall", ["query": ""])] }
        if tools.contains("recall"),
            ["what do you remember", "what do you know about me"].contains(where: question.contains)
        {
            return [("recall", [:])]
        }
        if tools.contains("current_time"), Self.asksForTime(question) { return [("current_time", [:])] }
        if tools.contains("get_weather") {
            let places = Self.places(in: question)
            if !places.isEmpty { return places.map { ("get_weather", ["location": .string($0)]) } }
        }
        if tools.contains("fetch_url"),
            let url = Self.rest(of: question, after: ["fetch ", "open ", "read ", "visit "])
        {
            let address = original.split(separator: " ").first { $0.contains("://") }.map(String.init)
            if let address, url.contains("://") { return [("fetch_url", ["url": .string(address)])] }
        }
        if tools.contains("look_up"),
            let words = Self.rest(of: question, after: ["look up ", "what do your files say about "])
        {
            return [("look_up", ["query": .string(words)])]
        }
        if tools.contains("search_web"),
            let query = Self.rest(
                of: question, after: ["search the web for ", "search for ", "search ", "look up ", "google "])
        {
            return [("search_web", ["query": .string(query)])]
        }
        return []
    }

    /// `use NAME {…}`: any tool there is, with any arguments, to try it out.
    private func directCall(_ original: String) -> (name: String, arguments: JSONValue)? {
        let words = original.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].lowercased() == "use", tools.contains(String(words[1])) else { return nil }
        guard words.count == 3 else { return (String(words[1]), [:]) }
        guard let arguments = try? JSONDocument(parsing: String(words[2])), arguments.kind == .object else {
            return nil
        }
        return (String(words[1]), arguments.value)
    }

    /// What is said of the results.
    static func report(of results: [(call: ToolCall, result: ChatMessage)]) -> String {
        results.map { call, fenced in
            var result = fenced
            result.text = Fence.content(of: fenced.text)
            guard result.isError != true else {
                let reason = result.text.hasPrefix("Error: ") ? String(result.text.dropFirst(7)) : result.text
                return "I asked the tool \(call.name), but: \(reason)"
            }
            let argument = { (name: String) in call.argumentObject[name]?.string ?? "" }
            return switch call.name {
            case "calculator": "\(argument("expression")) = \(result.text). The tool calculator worked that out."
            case "current_time": "It is \(result.text), says the tool current_time."
            case "remember":
                NameMemory.name(inFact: argument("fact")).map {
                    "Nice to meet you, \($0)! I will remember your name, also when we talk another time."
                } ?? "I will remember that: \(argument("fact"))."
            // The newest of all that is known, which is what an empty query asks for.
            case "recall" where call.argumentObject["query"]?.string == "":
                NameMemory.name(inFacts: result.text).map { "Your name is \($0). You told me another time." }
                    ?? NameMemory.unknown
            case "search_web": "I searched the web for “\(argument("query"))” and found:\n\(result.text)"
            default: "The tool \(call.name) says:\n\(result.text)"
            }
        }.joined(separator: "\n\n")
    }

    private static func asksForTime(_ question: String) -> Bool {
        [
            "what time is it", "what's the time", "what is the time", "current time", "what day is it",
            "what is the date",
            "what's the date", "today's date", "wie spät ist es",
        ].contains(where: question.contains)
    }

    /// `weather in Paris and in Rome` asks of two.
    private static func places(in question: String) -> [String] {
        guard let rest = rest(of: question, after: ["weather in ", "weather for ", "weather at "], anywhere: true)
        else {
            return []
        }
        let parts = rest.replacing(" and in ", with: " and ").split(separator: " and ").map { String($0).trimmed }
        return Array(parts.filter { !$0.isEmpty }.prefix(4))
    }

    private static func rest(of question: String, after openings: [String], anywhere: Bool = false) -> String? {
        for opening in openings {
            guard let found = question.firstRange(of: opening), anywhere || found.lowerBound == question.startIndex
            else {
                continue
            }
            var rest = String(question[found.upperBound...]).trimmed
            while let last = rest.last, "?!.".contains(last) { rest.removeLast() }
            return rest.isEmpty ? nil : rest
        }
        return nil
    }
}
