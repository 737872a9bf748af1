import PraisonCore

/// Where the services of the built-in tools are, and with which keys; each may be moved by an environment variable.
struct ToolServices: Sendable {
    var geocoding: String
    var weather: String
    /// Who can search, the first choice first.
    private var searches: [(name: String, backend: WebSearchTool.Backend)] = []

    init(environment: [String: String]) {
        func url(_ variables: String..., default standard: String) -> String {
            let set = variables.lazy.compactMap { environment[$0]?.trimmed }.first { !$0.isEmpty }
            var url = set ?? standard
            while url.hasSuffix("/") { url.removeLast() }
            return url
        }
        func key(_ variable: String) -> Secret? {
            environment[variable]?.trimmed.isEmpty == false ? environment[variable].map { Secret($0.trimmed) } : nil
        }
        geocoding = url("OPEN_METEO_GEOCODING_URL", default: "https://geocoding-api.open-meteo.com")
        weather = url("OPEN_METEO_URL", default: "https://api.open-meteo.com")
        let searx = url("SEARXNG_URL", "SEARXNG_BASE_URL", default: "")
        if !searx.isEmpty { searches.append(("searxng", .searxng(url: searx))) }
        if let key = key("BRAVE_API_KEY") {
            let url = url("BRAVE_BASE_URL", default: "https://api.search.brave.com")
            searches.append(("brave", .brave(url: url, key: key)))
        }
        if let key = key("TAVILY_API_KEY") {
            let url = url("TAVILY_BASE_URL", default: "https://api.tavily.com")
            searches.append(("tavily", .tavily(url: url, key: key)))
        }
        searches.append(("duckduckgo", .duckDuckGo(url: url("DUCKDUCKGO_URL", default: "https://html.duckduckgo.com"))))
    }

    /// Who searches: the one of that name, else the first there is. `nil` where the one named is not set up.
    func search(by name: String? = nil) -> WebSearchTool.Backend? {
        guard let name else { return searches.first?.backend }
        return searches.first { $0.name == name }?.backend
    }
}
