import CCurl
import Foundation
import Logging
import PraisonCore
import PraisonNet

/// The HTTP client against a bare server on the loopback interface.
enum HTTPClientBenchmark {
    private static let figure = Figure(subject: "http-client")

    static func run() async throws {
        try await BenchmarkServer.run { server in
            let client = CurlHTTPClient(logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() })
            let url = server + "/"
            try await send(200, to: url, concurrently: 50, client)

            let bare = try await Cost.of { try sendByLibcurlAlone(10_000, to: url) }
            report("libcurl alone, blocking, 1 connection", bare, 10_000)
            let one = try await Cost.of { try await send(10_000, to: url, concurrently: 1, client) }
            report("1 connection", one, 10_000)
            figure("CPU against libcurl alone", one.cpuSeconds / bare.cpuSeconds, "x")
            let fifty = try await Cost.of { try await send(30_000, to: url, concurrently: 50, client) }
            report("50 connections", fifty, 30_000)

            let before = residentMemory
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<500 {
                    group.addTask { _ = try? await client.execute(HTTPRequest(.get, server + "/poll")) }
                }
                _ = try await client.execute(HTTPRequest(.get, server + "/polls/500"))
                figure("memory of 500 idle long polls", (residentMemory - before) * 1000 / 500, "kB each")
                let idle = try await Cost.of { _ = try await client.execute(HTTPRequest(.get, server + "/later")) }
                figure("CPU of 500 idle long polls", idle.cpuSeconds / idle.seconds * 1000, "ms/s")
                let busy = try await Cost.of { try await send(10_000, to: url, concurrently: 1, client) }
                report("1 connection beside 500 idle long polls", busy, 10_000)
                figure("CPU against none idle", busy.cpuSeconds / one.cpuSeconds, "x")
                let end = try await Cost.of {
                    group.cancelAll()
                    try await group.waitForAll()
                }
                figure("cancelling 500 long polls", end.seconds * 1000, "ms")
            }
            await client.shutdown()
        }
    }

    private static func report(_ what: String, _ cost: Cost, _ count: Double) {
        figure(what, count / cost.seconds, "requests/s")
        figure(what, cost.cpuSeconds / count * 1e6, "µs CPU/request")
    }

    private static func send(_ count: Int, to url: String, concurrently: Int, _ client: CurlHTTPClient) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<concurrently {
                group.addTask {
                    for _ in 0..<count / concurrently { _ = try await client.execute(HTTPRequest(.get, url)) }
                }
            }
            try await group.waitForAll()
        }
    }

    /// The floor: one easy handle, whose calls block, on this thread.
    private static func sendByLibcurlAlone(_ count: Int, to url: String) throws {
        guard let easy = curl_easy_init() else { return }
        defer { curl_easy_cleanup(easy) }
        praison_easy_set_string(easy, CURLOPT_URL, url)
        praison_easy_set_write(easy, CURLOPT_WRITEFUNCTION) { _, size, count, _ in size * count }
        for _ in 0..<count where curl_easy_perform(easy) != CURLE_OK { throw CocoaError(.fileReadUnknown) }
    }
}
