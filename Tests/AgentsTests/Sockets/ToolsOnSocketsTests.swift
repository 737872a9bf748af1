import PraisonCore
import PraisonNet
import PraisonSimulation
import Testing

@testable import PraisonAgents

/// The built-in tools against a local stand-in of each service, by real sockets.
@Suite(.serialized, .timeLimit(.minutes(2))) struct `a tool's service, reached by sockets` {
    /// A service, its tool, and where the environment puts it.
    struct Service: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var tool: String
        var arguments: String
        /// `URL` stands for the stand-in's address.
        var environment: [String: String]
        var good: [HTTPResponse]
        var path: String
        /// What of the good answer the model must be told.
        var tells: String
        /// What it is told of an answer without anything in it that is understood.
        var empty = "something that can't be read"
        /// What it is told where the service lets nobody in.
        var refuses: String
    }

    private static let page = """
        <div><a class="result__a" href="//duckduckgo.com/l/?uddg=https%3A%2F%2Fa.example%2F&amp;rut=9">Ferry</a>
        <a class="result__snippet" href="x">Leaves at <b>nine</b></a></div>
        """
    private static let places: JSONValue = [
        "results": [["name": "Oslo", "country": "Norway", "latitude": 59.91, "longitude": 10.75]]
    ]
    private static let report: JSONValue = [
        "current": ["temperature_2m": 7.5, "weather_code": 61], "daily": ["time": []],
    ]

    private static func found(_ text: String) -> JSONValue {
        [["title": "Ferry", "url": "https://a.example/", .init(text): "Leaves at nine"]]
    }

    static let services = [
        Service(
            testDescription: "SearXNG", tool: "search_web", arguments: #"{"query": "ferry"}"#,
            environment: ["SEARXNG_URL": "URL"], good: [.json(["results": found("content")])],
            path: "/search", tells: "Leaves at nine", refuses: "gives no JSON"),
        Service(
            testDescription: "Brave", tool: "search_web", arguments: #"{"query": "ferry"}"#,
            environment: ["BRAVE_BASE_URL": "URL", "BRAVE_API_KEY": "b-secret-1"],
            good: [.json(["web": ["results": found("description")]])], path: "/res/v1/web/search",
            tells: "Leaves at nine", refuses: "refuses the key"),
        Service(
            testDescription: "Tavily", tool: "search_web", arguments: #"{"query": "ferry"}"#,
            environment: ["TAVILY_BASE_URL": "URL", "TAVILY_API_KEY": "t-secret-1"],
            good: [.json(["results": found("content")])], path: "/search", tells: "Leaves at nine",
            refuses: "refuses the key"),
        Service(
            testDescription: "DuckDuckGo", tool: "search_web", arguments: #"{"query": "ferry"}"#,
            environment: ["DUCKDUCKGO_URL": "URL"], good: [.text(page, type: "text/html; charset=utf-8")],
            path: "/html/", tells: "Leaves at nine", refuses: "for a robot"),
        Service(
            testDescription: "Open-Meteo", tool: "get_weather", arguments: #"{"location": "Oslo"}"#,
            environment: ["OPEN_METEO_GEOCODING_URL": "URL", "OPEN_METEO_URL": "URL"],
            good: [.json(places), .json(report)], path: "/v1/search", tells: "7.5 °C", empty: "no place called Oslo",
            refuses: "refuses to answer"),
    ]

    private static func ask<Value: Sendable>(
        _ service: Service, _ server: any HTTPHandler, _ body: @escaping @Sendable (ToolShelf) async throws -> Value
    ) async throws -> Value {
        try await onSockets(server) { url, http in
            let environment = service.environment.mapValues { $0 == "URL" ? url : $0 }
            return try await body(.make(reaching: http, environment: environment))
        }
    }

    @Test(arguments: services)
    func `is asked, and understood`(_ service: Service) async throws {
        let server = ScriptedServer(service.good)
        let text = try await Self.ask(service, server) { try await $0.run(service.tool, service.arguments) }
        #expect(text.contains(service.tells))
        #expect(server.seen.first?.path == service.path)
        let secrets = service.environment.values.filter { $0.contains("secret") }
        let headers = server.seen.first?.headers.fields.map(\.value) ?? []
        for secret in secrets { #expect(headers.contains { $0.hasSuffix(secret) }) }
    }

    /// An answer that is no use, and what the model is told of it; `nil` where that depends on what is understood.
    static let bad: [(String, @Sendable (Service) -> HTTPResponse, (@Sendable (Service) -> String)?)] = [
        ("a page", { _ in .text("<html>login</html>", type: "text/html") }, nil),
        ("no JSON", { _ in .text("{\"results\": [", type: "application/json") }, nil),
        ("another shape", { _ in .json(["results": ["?", 7, ["url": 1, "latitude": [:]]], "web": "x"]) }, nil),
        ("nothing", { _ in .text("") }, nil),
        ("status 500", { _ in .text("oh", status: 500) }, { _ in "answered with status 500" }),
        ("status 401", { _ in .json(["message": "who?"], status: 401) }, { $0.refuses }),
        ("status 429", { _ in .json([:], status: 429) }, { _ in "asked too often" }),
        (
            "elsewhere", { _ in HTTPResponse(status: 302, headers: ["Location": "http://192.0.2.1/"]) },
            { _ in "status 302" }
        ),
        (
            "half", { _ in .cut(after: Array("{\"results\":".utf8), type: "application/json") },
            { _ in "can't be reached" }
        ),
        ("too much", { _ in .text(String(repeating: "x", count: 3 << 20)) }, { _ in "can't be reached" }),
        ("binary", { _ in HTTPResponse(status: 200, body: .bytes((0...255).map { UInt8($0) })) }, nil),
    ]

    @Test(arguments: services)
    func `may answer anything, and the model is told what is wrong`(_ service: Service) async throws {
        let server = ScriptedServer(Self.bad.map { $0.1(service) })
        try await Self.ask(service, server) { shelf in
            for (what, _, words) in Self.bad {
                let said = await shelf.failure(service.tool, service.arguments)
                let expected = words.map { [$0(service)] } ?? ["something that is no JSON", service.empty]
                #expect(expected.contains { said.contains($0) }, "\(what): \(said)")
                for secret in service.environment.values where secret.contains("secret") {
                    #expect(!said.contains(secret))
                }
            }
        }
        #expect(server.seen.count == Self.bad.count)
    }

    @Test(arguments: services)
    func `that is not there is told of`(_ service: Service) async throws {
        let said = try await onSockets(ScriptedServer([])) { _, http in
            // Port 9 is nobody's.
            let environment = service.environment.mapValues { $0 == "URL" ? "http://127.0.0.1:9" : $0 }
            return await ToolShelf.make(reaching: http, environment: environment).failure(
                service.tool, service.arguments)
        }
        #expect(said.contains("can't be reached"))
    }
}

@Suite(.serialized, .timeLimit(.minutes(2))) struct `fetching a page by sockets` {
    private static func fetch(
        _ address: @escaping @Sendable (String) -> String, _ server: ScriptedServer
    ) async throws -> String {
        try await onSockets(server) { url, http in
            let tool = FetchTool(http: Self.publicStandIn(at: url, ChangingClient.patient(http)))
            let arguments = JSONValue.object(["url": .string(address(url))])
            do {
                return try await tool.run(try JSONDocument(parsing: arguments.bytes()), for: .make("x"))
            } catch {
                return "\(error)"
            }
        }
    }

    @Test func `gives what a person would read`() async throws {
        let page = HTTPResponse.text("<title>T</title><p>Words &amp; more</p>", type: "text/html")
        #expect(try await Self.fetch({ _ in "http://public.test/" }, ScriptedServer([page])) == "T\n\nWords & more")
    }

    @Test(arguments: ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
    func `never comes to this machine, by figures or by name`(_ host: String) async throws {
        let server = ScriptedServer([.text("secret")])
        let said = try await Self.fetch({ "http://\(host):\($0.split(separator: ":").last ?? "")/" }, server)
        #expect(said.contains("not on the public internet"))
        #expect(server.seen.isEmpty)
    }

    @Test(arguments: ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254"])
    func `is not led there by a public page either`(_ host: String) async throws {
        let server = ScriptedServer([
            HTTPResponse(status: 302, headers: ["Location": "http://\(host)/latest/meta-data"]), .text("secret"),
        ])
        let said = try await Self.fetch({ _ in "http://public.test/start" }, server)
        #expect(said.contains("not on the public internet"))
        #expect(server.seen.map(\.path) == ["/start"])
    }

    @Test func `is not led there by the second page`() async throws {
        let server = ScriptedServer([
            HTTPResponse(status: 302, headers: ["Location": "http://public.test:81/next"]),
            HTTPResponse(status: 301, headers: ["Location": "http://127.0.0.1/secret"]), .text("secret"),
        ])
        #expect(try await Self.fetch({ _ in "http://public.test/" }, server).contains("not on the public internet"))
        #expect(server.seen.map(\.path) == ["/", "/next"])
    }

    @Test func `says what came instead`() async throws {
        for (response, words) in [
            (HTTPResponse.text("", status: 404), "status 404"), (.text("..", type: "image/png"), "image/png"),
            (.cut(after: Array("<p>half".utf8), type: "text/html"), "can't be fetched"),
            (.text(String(repeating: "x", count: 5 << 20)), "larger than 4 MB"),
        ] {
            let said = try await Self.fetch({ _ in "http://public.test/" }, ScriptedServer([response]))
            #expect(said.contains(words))
        }
    }

    /// Plays the public internet: `public.test`, at any port, is the stand-in. Everything else goes where it would go.
    private static func publicStandIn(at server: String, _ http: any HTTPClient) -> ChangingClient {
        ChangingClient(http: http) { request in
            guard request.target.hasPrefix("http://public.test") else { return }
            request.target = server + request.path
            request.reach = .anywhere
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct `a program that a tool starts` {
    @Test func `is ended as soon as its time is over`() async throws {
        let settings = ToolSettings(
            name: "wait", description: "waits", action: .command(["sleep", "1000"]), timeout: .seconds(5))
        let launcher = SpawnedProcesses(searchPath: "/usr/bin:/bin")
        let tool = try #require(CommandTool(settings, launcher: launcher, path: "/usr/bin:/bin"))
        let clock = VirtualClock()
        let runner = ToolRunner(ToolBox([tool]), clock: clock, logger: silent)
        let call = ToolCall(id: "1", name: "wait", arguments: "{}")
        async let results = runner.results(of: [call], for: .make("x")) { _ in }
        await clock.advanceToNextSleeper()
        #expect(try await results.map(\.text) == ["Error: no result within 5 s"])
        #expect(clock.uptime == .seconds(5))
    }
}
