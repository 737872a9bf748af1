import PraisonCore

/// Searches the web, by whichever service is at hand.
struct WebSearchTool: Tool {
    /// Who searches.
    enum Backend: Sendable {
        /// Source: https://docs.searxng.org/dev/search_api.html
        case searxng(url: String)
        /// Source: https://api-dashboard.search.brave.com/app/documentation/web-search/get-started
        case brave(url: String, key: Secret)
        /// Source: https://docs.tavily.com/documentation/api-reference/endpoint/search
        case tavily(url: String, key: Secret)
        /// The page for browsers without scripts; asks for no key.
        case duckDuckGo(url: String)

        /// What it does when it answers with 401 or 403.
        fileprivate var refusal: String {
            switch self {
            case .searxng: "gives no JSON; its settings.yml must have json among search.formats"
            case .brave, .tavily: "refuses the key it was given"
            case .duckDuckGo: WebSearchTool.takenForRobot
            }
        }
    }

    struct Result: Hashable, Sendable {
        var title: String
        var url: String
        var snippet: String
    }

    private static let defaultCount = 5
    private static let maximumCount = 10
    /// Characters of one result's text.
    private static let maximumSnippet = 500
    /// The page for browsers without scripts does so with whoever asks often, or from a data centre.
    private static let takenForRobot =
        "takes the gateway for a robot; whoever runs it can give it another by SEARXNG_URL, BRAVE_API_KEY or TAVILY_API_KEY"

    private let client: ServiceClient
    private let backend: Backend

    init(http: any HTTPClient, backend: Backend) {
        client = ServiceClient(http: http, name: "the search service", refusal: backend.refusal)
        self.backend = backend
    }

    var definition: ModelRequest.Tool {
        ModelRequest.Tool(
            name: "search_web", description: "Searches the web; gives titles, addresses and excerpts.",
            parameters: [
                "type": "object",
                "properties": [
                    "query": ["type": "string", "description": "what to look for"],
                    "count": ["type": "integer", "description": "results wanted, 1 to 10; 5 when left out"],
                ],
                "required": ["query"],
            ])
    }

    func run(_ arguments: JSONDocument, for turn: Turn) async throws -> String {
        guard let query = arguments["query"]?.string?.trimmed, !query.isEmpty else {
            throw ToolError("query is missing; write what to look for")
        }
        let count = min(max(arguments["count"]?.int ?? Self.defaultCount, 1), Self.maximumCount)
        let results = try await results(String(query.prefix(400)), count)
        guard !results.isEmpty else { return "Nothing was found for: \(query.prefix(100))" }
        return results.prefix(count).enumerated().map { index, result in
            "\(index + 1). \(result.title)\n\(result.url)\n\(result.snippet.prefix(Self.maximumSnippet))"
        }.joined(separator: "\n\n")
    }

    private func results(_ query: String, _ count: Int) async throws -> [Result] {
        let encoded = FormEncoding.encode([(name: "q", value: query)])
        switch backend {
        case .searxng(let url):
            let answer = try await client.json("\(url)/search?\(encoded)&format=json")
            let results = try Self.read(answer["results"], url: "url", text: "content")
            let silent = (answer["unresponsive_engines"]?.elements ?? []).prefix(5).map(Self.words(of:))
            guard results.isEmpty, !silent.isEmpty else { return results }
            throw ToolError("the search service found nothing, but asked in vain: \(silent.joined(separator: ", "))")
        case .brave(let url, let key):
            let answer = try await client.json(
                "\(url)/res/v1/web/search?\(encoded)&count=\(count)",
                headers: ["X-Subscription-Token": key.reveal(), "Accept": "application/json"])
            // Where nothing is found on the web, there is no such member.
            if answer["web"] == nil, answer["type"]?.string == "search" { return [] }
            return try Self.read(answer["web"]?["results"], url: "url", text: "description")
        case .tavily(let url, let key):
            let answer = try await client.json(
                "\(url)/search", headers: ["Authorization": "Bearer \(key.reveal())"],
                body: ["query": .string(query), "max_results": JSONValue(count)])
            return try Self.read(answer["results"], url: "url", text: "content")
        case .duckDuckGo(let url):
            let page = DuckDuckGoPage(try await client.bytes("\(url)/html/?\(encoded)"))
            if page.results.isEmpty, page.isForRobots { throw ToolError("the search service \(Self.takenForRobot)") }
            guard !page.results.isEmpty || page.saysNothingIsFound else { throw Self.unreadable }
            return page.results
        }
    }

    /// The results in a list. An empty one says that nothing is found; everything else without results says nothing.
    private static func read(_ list: JSONDocument?, url: StaticString, text: StaticString) throws -> [Result] {
        guard let list, list.kind == .array else { throw unreadable }
        let results = list.elements.compactMap { item -> Result? in
            guard let address = item[url]?.string else { return nil }
            return Result(
                title: HTMLText.plain(item["title"]?.string ?? address), url: address,
                snippet: HTMLText.plain(item[text]?.string ?? ""))
        }
        guard !results.isEmpty || list.elements.isEmpty else { throw unreadable }
        return results
    }

    private static let unreadable = ToolError("the search service answered with something that can't be read")

    /// `google (CAPTCHA)`, of `["google", "CAPTCHA"]`.
    private static func words(of engine: JSONDocument) -> String {
        let parts = engine.elements.compactMap(\.string)
        let words = parts.count > 1 ? "\(parts[0]) (\(parts[1]))" : parts.first ?? engine.scalarText ?? "an engine"
        return LogText.line(words, key: nil, limit: 60)
    }
}
