import PraisonCore
import Testing

@Suite struct `an HTTP router` {
    private func ask(_ router: HTTPRouter, _ method: HTTPRequest.Method, _ target: String) async -> HTTPResponse {
        await router.respond(to: HTTPRequest(method, target))
    }

    private func answer(_ router: HTTPRouter, _ target: String) async -> String {
        String(decoding: await ask(router, .get, target).bytes, as: UTF8.self)
    }

    /// Answers with the pattern itself and what its blanks hold.
    private func echo(_ patterns: String...) -> HTTPRouter {
        var router = HTTPRouter()
        for pattern in patterns {
            router.on(.get, pattern) { _, parameters in
                let filled = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                return .text(([pattern] + filled).joined(separator: " "))
            }
        }
        return router
    }

    @Test func `fills the blanks of a pattern, decoded`() async {
        let router = echo("/agents/{name}/turns/{turn}")
        #expect(await answer(router, "/agents/a%20b/turns/7?x=1") == "/agents/{name}/turns/{turn} name=a b turn=7")
        #expect(await answer(router, "/agents/a%2Fb/turns/7") == "/agents/{name}/turns/{turn} name=a/b turn=7")
    }

    @Test func `takes blanks with text around them`() async {
        let router = echo("/bot{token}/{method}", "/file/bot{token}/{path*}")
        #expect(await answer(router, "/bot12:ab/getMe") == "/bot{token}/{method} method=getMe token=12:ab")
        #expect(await answer(router, "/file/bot1/a/b.png") == "/file/bot{token}/{path*} path=a/b.png token=1")
        #expect(await ask(router, .get, "/bot/getMe").status == 404)
    }

    @Test func `gives a trailing wildcard the rest`() async {
        let router = echo("/files/*")
        #expect(await answer(router, "/files/a/b%20c") == "/files/* *=a/b c")
        #expect(await answer(router, "/files") == "/files/* *=")
        #expect(await ask(router, .get, "/file").status == 404)
    }

    @Test func `prefers the most specific pattern, in whatever order they come`() async {
        let patterns = ["/*", "/a/{x}", "/a/b", "/a/b{x}"]
        for router in [echo("/*", "/a/{x}", "/a/b", "/a/b{x}"), echo("/a/b{x}", "/a/b", "/a/{x}", "/*")] {
            #expect(await answer(router, "/a/b") == patterns[2])
            #expect(await answer(router, "/a/bc") == "/a/b{x} x=c")
            #expect(await answer(router, "/a/c") == "/a/{x} x=c")
            #expect(await answer(router, "/a/c/d") == "/* *=a/c/d")
        }
    }

    @Test(arguments: ["/a/", "/a/b/c", "/", "//a/b", "/A/b"])
    func `does not know paths that only resemble a pattern`(path: String) async {
        #expect(await ask(echo("/a/b"), .get, path).status == 404)
    }

    @Test func `says which methods a known path allows`() async {
        var router = echo("/a")
        router.on(.post, "/a") { _, _ in .text("") }
        let response = await ask(router, .delete, "/a")
        #expect(response.status == 405)
        #expect(response.headers["allow"] == "GET, HEAD, POST")
    }

    @Test func `answers HEAD with what answers GET`() async {
        #expect(await ask(echo("/a"), .head, "/a").status == 200)
    }

    @Test func `lets a less specific pattern answer a method the specific one does not`() async {
        var router = echo("/a/b")
        router.on(.post, "/a/{x}") { _, parameters in .text(parameters["x"] ?? "") }
        #expect(await ask(router, .post, "/a/b").bytes == Array("b".utf8))
    }

    @Test func `hands everything below a prefix on, unchanged`() async {
        struct Target: HTTPHandler {
            let name: String
            func respond(to request: HTTPRequest) async -> HTTPResponse { .text("\(name) \(request.target)") }
        }
        var router = echo("/hooks/health")
        router.mount("/hooks", Target(name: "short"))
        router.mount("/hooks/shop/", Target(name: "long"))
        #expect(await answer(router, "/hooks/shop/x?y=%20") == "long /hooks/shop/x?y=%20")
        #expect(await answer(router, "/hooks/shop") == "long /hooks/shop")
        #expect(await answer(router, "/hooks/shopping") == "short /hooks/shopping")
        #expect(await answer(router, "/hooks/health") == "/hooks/health")
        #expect(await ask(router, .get, "/hook").status == 404)
    }
}
