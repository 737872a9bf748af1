import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite struct `the built-in tools` {
    private func run(
        _ tool: String, _ arguments: String, server: any HTTPHandler = ScriptedServer([]),
        environment: [String: String] = [:]
    ) async throws -> String {
        let shelf = ToolShelf.make(server, environment: environment)
        let found = try #require(await shelf.box(for: .with(tools: [tool])).tools(for: .make("x"))[tool]?.tool)
        return try await found.run(try JSONDocument(parsing: arguments), for: .make("x"))
    }

    @Test func `tell the time`() async throws {
        #expect(try await run("current_time", "{}") == "Thursday, 2026-01-01 00:00 UTC")
    }

    @Test func `do sums exactly and say what they can't`() async throws {
        #expect(try await run("calculator", #"{"expression": "0.1 + 0.2"}"#) == "0.3")
        #expect(try await run("calculator", #"{"expression": "1/3"}"#).hasPrefix("about 0.333"))
        for (arguments, words) in [
            (#"{"expression": "1/0"}"#, "division by zero"), (#"{"expression": "rm -rf"}"#, "not a sum"),
            ("{}", "expression is missing"),
        ] {
            let error = await #expect(throws: ToolError.self) { try await run("calculator", arguments) }
            #expect(error?.description.contains(words) == true)
        }
    }

    // MARK: Weather

    private static let places: HTTPResponse = .json([
        "results": [
            [
                "name": "Portland", "admin1": "Maine", "country": "United States", "latitude": 43.66,
                "longitude": -70.26,
            ],
            [
                "name": "Portland", "admin1": "Oregon", "country": "United States", "latitude": 45.52,
                "longitude": -122.68,
            ],
        ]
    ])
    private static let report: HTTPResponse = .json([
        "current": [
            "temperature_2m": 7.5, "apparent_temperature": 4, "relative_humidity_2m": 81, "weather_code": 61,
            "wind_speed_10m": 12.3,
        ],
        "daily": [
            "time": ["2026-01-01", "2026-01-02"], "weather_code": [61, 0], "temperature_2m_max": [8.1, 9],
            "temperature_2m_min": [2, -1.5], "precipitation_probability_max": [90, 5],
        ],
    ])

    @Test func `know the weather of the right town`() async throws {
        let server = ScriptedServer([Self.places, Self.report])
        let text = try await run("get_weather", #"{"location": "Portland, Oregon"}"#, server: server)
        #expect(
            text == """
                Portland, Oregon, United States: now light rain, 7.5 °C (feels like 4 °C), wind 12.3 km/h, humidity 81 %
                2026-01-01: light rain, 2 to 8.1 °C, rain 90 %
                2026-01-02: clear sky, -1.5 to 9 °C, rain 5 %
                """)
        #expect(server.seen.map(\.path) == ["/v1/search", "/v1/forecast"])
        #expect(server.seen[1].query("latitude") == "45.52")
    }

    @Test func `ask the weather where the environment says`() async throws {
        let server = ScriptedServer([Self.places, Self.report])
        _ = try await run(
            "get_weather", #"{"location": "Portland"}"#, server: server,
            environment: ["OPEN_METEO_GEOCODING_URL": "http://geo.test/", "OPEN_METEO_URL": "http://weather.test"])
        #expect(server.seen[0].target.hasPrefix("http://geo.test/v1/search?name=Portland"))
        #expect(server.seen[1].target.hasPrefix("http://weather.test/v1/forecast?"))
    }

    @Test(arguments: [
        (HTTPResponse.json(["results": []]), "no place called Nowhere"), (.text("<html>"), "no JSON"),
        (.json([:], status: 429), "asked too often"), (.json([:], status: 500), "status 500"),
        (.json(["results": "?"]), "no place called"), (.json([]), "no place called"),
    ])
    func `say what is wrong with the weather service`(_ answer: HTTPResponse, _ words: String) async {
        let error = await #expect(throws: ToolError.self) {
            try await run("get_weather", #"{"location": "Nowhere"}"#, server: ScriptedServer([answer]))
        }
        #expect(error?.description.contains(words) == true)
    }

    @Test func `say why the weather service has no answer`() async {
        let refusal: HTTPResponse = .json(["error": true, "reason": "Daily API request limit exceeded"])
        for answers in [[refusal], [Self.places, refusal]] {
            let error = await #expect(throws: ToolError.self) {
                try await run("get_weather", #"{"location": "Portland"}"#, server: ScriptedServer(answers))
            }
            #expect(error?.description == "the weather service has no answer: Daily API request limit exceeded")
        }
    }

    // MARK: Search

    private static let found: JSONValue = [
        [
            "title": "Ferries <b>today</b>", "url": "https://a.example/", "content": "Leaves &amp; returns",
            "description": "Leaves &amp; returns",
        ]
    ]

    @Test(arguments: [
        (["SEARXNG_URL": "http://searx.test"], "http://searx.test/search?q=ferry+%26+more&format=json"),
        (["BRAVE_API_KEY": "b"], "https://api.search.brave.com/res/v1/web/search?q=ferry+%26+more&count=5"),
        (["TAVILY_API_KEY": "t"], "https://api.tavily.com/search"),
    ])
    func `search with whichever service is at hand`(_ environment: [String: String], _ url: String) async throws {
        let server = ScriptedServer([.json(["results": Self.found, "web": ["results": Self.found]])])
        let text = try await run(
            "search_web", #"{"query": "ferry & more"}"#, server: server, environment: environment)
        #expect(text == "1. Ferries today\nhttps://a.example/\nLeaves & returns")
        let target = try #require(server.seen.first?.target)
        #expect(target.replacing("%20", with: "+") == url)
    }

    @Test func `search without any key`() async throws {
        let page = """
            <div class="result results_links"><h2><a rel="nofollow" class="result__a" \
            href="//duckduckgo.com/l/?uddg=https%3A%2F%2Fa.example%2Fferry%3Fx%3D1&amp;rut=9">Ferry <b>times</b></a></h2>
            <a class="result__snippet" href="//duckduckgo.com/l/?uddg=x">Leaves at&nbsp;<b>nine</b>&#x2026;</a></div>
            <div><a class="result__a" href="https://duckduckgo.com/y.js?ad=1">Advertisement</a></div>
            <div><a class="result__a" href="https://b.example/">B</a></div>
            """
        let server = ScriptedServer([.text(page, type: "text/html")])
        let text = try await run("search_web", #"{"query": "ferry", "count": 50}"#, server: server)
        #expect(
            text == """
                1. Ferry times
                https://a.example/ferry?x=1
                Leaves at nine…

                2. B
                https://b.example/

                """)
    }

    private static let searxng = ["SEARXNG_URL": "http://searx.test"]

    @Test(
        arguments: [
            ([:], .text(#"<div class="no-results">No results.</div>"#)),
            ([:], .text(#"<div class="result result--no-result">No more results.</div>"#)),
            (searxng, .json(["results": [], "unresponsive_engines": []])), (searxng, .json(["results": []])),
            (["BRAVE_API_KEY": "b"], .json(["type": "search", "query": ["original": "q"]])),
            (["BRAVE_API_KEY": "b"], .json(["type": "search", "web": ["results": []]])),
            (["TAVILY_API_KEY": "t"], .json(["query": "q", "results": []])),
        ] as [([String: String], HTTPResponse)])
    func `find nothing where the service says so`(_ environment: [String: String], _ answer: HTTPResponse) async throws
    {
        let server = ScriptedServer([answer])
        let text = try await run("search_web", #"{"query": "q"}"#, server: server, environment: environment)
        #expect(text == "Nothing was found for: q")
    }

    @Test(
        arguments: [
            // The page that DuckDuckGo has for whoever asks often, with its status.
            (
                [:],
                .text(
                    #"<div class="anomaly-modal__title">Unfortunately, bots use DuckDuckGo too.</div>"#, status: 202,
                    type: "text/html"),
                "takes the gateway for a robot; whoever runs it can give it another by SEARXNG_URL"
            ),
            ([:], .text(#"<form id="challenge-form">"#), "takes the gateway for a robot"),
            ([:], .text("", status: 403), "takes the gateway for a robot"),
            ([:], .text(""), "can't be read"), ([:], .text("<a class=\"result__a\""), "can't be read"),
            ([:], .text("class=\"result__a\">x</a>"), "can't be read"), ([:], .text("{}"), "can't be read"),
            ([:], .text("&#x110000;&;&amp"), "can't be read"),
            (
                searxng,
                .json(["results": [], "unresponsive_engines": [["google", "CAPTCHA"], ["brave", "timeout"]]]),
                "found nothing, but asked in vain: google (CAPTCHA), brave (timeout)"
            ),
            (searxng, .json(["oops": 1]), "can't be read"), (searxng, .json(["results": ["?"]]), "can't be read"),
            (searxng, .text("Forbidden", status: 403), "json among search.formats"),
            (["BRAVE_API_KEY": "b"], .json([:]), "can't be read"),
            (["TAVILY_API_KEY": "t"], .json(["detail": "no"]), "can't be read"),
        ] as [([String: String], HTTPResponse, String)])
    func `never take a search that was refused for one that found nothing`(
        _ environment: [String: String], _ answer: HTTPResponse, _ words: String
    ) async throws {
        let error = await #expect(throws: ToolError.self) {
            try await run(
                "search_web", #"{"query": "q"}"#, server: ScriptedServer([answer]), environment: environment)
        }
        #expect(error?.description.contains(words) == true)
    }
}
