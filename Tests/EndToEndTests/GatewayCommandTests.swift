import Foundation
import PraisonCore
import Testing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct `the gateway's commands` {
    private static let demonstration = "agents:\n  assistant: {instructions: You help.}\n"

    @Test func `tell what a newcomer wants to know`() async throws {
        try await Workspace.with { workspace in
            let configuration = """
                agents:
                  support: {instructions: hi, model: gpt-4o-mini}
                  sales: {instructions: hi}
                channels:
                  telegram:
                    token: ${TELEGRAM_BOT_TOKEN}
                    routing: {default: support}
                """
            try await GatewayProcess.withGateway(configuration, in: workspace) { gateway in
                let banner = gateway.process.output.text
                let words = banner.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                for expected in [
                    gateway.url, "Chat \(gateway.url)/", workspace.store, "support: offline/demo",
                    "sales: offline/demo", "OPENAI_API_KEY",
                    "telegram is off: token: environment variable TELEGRAM_BOT_TOKEN is not set",
                ] {
                    #expect(words.contains(expected), "the banner lacks \(expected):\n\(banner)")
                }
                let wide = banner.split(separator: "\n").filter { $0.count > 80 && !$0.contains(workspace.store) }
                #expect(wide.isEmpty)
                #expect(!banner.contains("\u{1B}"), "colours on what is no terminal")
            }
        }
    }

    @Test func `tell which channels can't start, and why`() async throws {
        try await Workspace.with { workspace in
            let configuration = """
                agents:
                  support: {instructions: hi}
                channels:
                  telegram: {token: abc, routing: {default: support}}
                """
            try await GatewayProcess.withGateway(configuration, in: workspace) { gateway in
                let banner = gateway.process.output.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                #expect(banner.contains("telegram is off: token: "))
                #expect(gateway.process.errors.text.contains("channel parked"))
                let channels = try await CommandProcess.run("gateway", "channels", in: workspace)
                #expect(channels.output.contains("off: telegram: token: "))
                let status = try await CommandProcess.run(
                    "gateway", "status", "--store", workspace.store, in: workspace)
                #expect(status.output.contains("\(gateway.url) is degraded"))
                #expect(!banner.contains("abc") && !channels.output.contains("abc"))
            }
        }
    }

    @Test(arguments: [
        (["--host", "203.0.113.5"], 78, "mend gateway.host"), (["--host", "no.such.host.invalid"], 78, "no such host"),
        (["--host", ""], 2, "--host takes"), (["--store", ""], 2, "--store takes"),
        (["--config", ""], 2, "--config takes"), (["--trusted-proxy", "bad/99"], 2, "--trusted-proxy takes"),
    ])
    func `say what to mend where it can never listen`(arguments: [String], status: Int32, words: String) async throws {
        try await Workspace.with { workspace in
            let configuration = "gateway: {auth_token: 5f0c2b7e9a1d4c3886a7}\n" + Self.demonstration
            try workspace.write(configuration, to: "gateway.yaml")
            let process = try CommandProcess(["gateway", "start"] + arguments, in: workspace)
            let finished = try await process.lending {
                $0.endInput()
                return try await $0.finished()
            }
            #expect(finished.status == status)
            #expect(finished.errors.contains(words), "\(finished.errors)")
            #expect(!finished.errors.contains("SocketAddressError"))
        }
    }

    @Test func `warn at the start of a token that anybody would try first`() async throws {
        try await Workspace.with { workspace in
            let configuration = Self.demonstration + "gateway: {auth_token: changeme}\n"
            try await GatewayProcess.withGateway(configuration, in: workspace) { gateway in
                let said = try await gateway.process.errors.waitFor("the token is weak")
                #expect(said.contains("warning ") && said.contains("gateway.yaml:3:23: gateway.auth_token"))
            }
        }
    }

    @Test func `let a channel rest, and go on`() async throws {
        try await Town.with { town in
            try await Workspace.with { workspace in
                try await GatewayProcess.withGateway(town.configuration(), in: workspace) { gateway in
                    func turn(_ word: String, _ name: String, _ more: String...) async throws
                        -> CommandProcess.Finished
                    {
                        let process = try CommandProcess(
                            ["gateway", word, name, "--store", workspace.store] + more, in: workspace)
                        return try await process.lending {
                            $0.endInput()
                            return try await $0.finished()
                        }
                    }
                    let unknown = try await turn("pause", "nowhere")
                    #expect(unknown.status == 1)
                    #expect(unknown.errors.contains("there is no channel nowhere"))
                    #expect(try await turn("pause", "telegram").output == "paused telegram\n")
                    #expect(try await turn("reconnect", "telegram").status == 1)
                    #expect(try await turn("resume", "telegram", "--url", gateway.url).output == "resumed telegram\n")
                    #expect(try await turn("reconnect", "telegram").output == "reconnecting telegram\n")
                    #expect(try await turn("pause", "telegram", "--port", "1").status == 75)
                }
            }
        }
    }

    @Test func `have their tokens read anew at SIGHUP, and keep them when the file can't be used`() async throws {
        let (first, second) = ("5f0c2b7e9a1d4c3886a7b2d1", "0d9e8f7a6b5c4d3e2f1a0b9c")
        func configuration(_ token: String) -> String { Self.demonstration + "gateway: {auth_token: \(token)}\n" }
        try await Workspace.with { workspace in
            try await GatewayProcess.withGateway(configuration(first), in: workspace) { gateway in
                func isLetIn(_ token: String) async throws -> Bool {
                    let status = try await CommandProcess.run(
                        "gateway", "status", "--store", workspace.store, "--token", token, "--json", in: workspace)
                    return try JSONDocument(parsing: status.output)["token_refused"] == nil
                }
                #expect(try await isLetIn(first))
                let chat = try CommandProcess(["chat", "--store", workspace.store, "--token", first], in: workspace)
                try await chat.lending { chat in
                    try chat.write("what is 6 times 7\n")
                    try await chat.output.waitFor("42")
                    try workspace.write(configuration(second), to: "gateway.yaml")
                    gateway.process.send(SIGHUP)
                    try await gateway.process.errors.waitFor("tokens read anew")
                    // Who came in by the old one has to leave.
                    #expect(try await chat.finished().status == 78)
                }
                #expect(try await !isLetIn(first))
                #expect(try await isLetIn(second))
                try workspace.write("agents: [\n", to: "gateway.yaml")
                gateway.process.send(SIGHUP)
                let said = try await gateway.process.errors.waitFor("the tokens stay as they are: ")
                #expect(said.contains("gateway.yaml:"))
                #expect(try await isLetIn(second))
            }
        }
    }

    @Test func `find the gateway of the store also behind a certificate that is nobody else's, and say what they lack`()
        async throws
    {
        try await Workspace.with { workspace in
            let openssl = try CommandProcess(
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    "/CN=own",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2", "-keyout", "key.pem", "-out", "cert.pem",
                ], executable: "openssl", in: workspace)
            #expect(try await openssl.lending { try await $0.finished() }.status == 0)
            let secured =
                Self.demonstration + """

                    gateway:
                      auth_token: 9b1c6a5f4e3d2c1b0a99887766554433
                      ssl_cert: cert.pem
                      ssl_key: key.pem

                    """
            let environment = ["GATEWAY_AUTH_TOKEN": "9b1c6a5f4e3d2c1b0a99887766554433"]
            try await GatewayProcess.withGateway(secured, in: workspace) { gateway in
                #expect(gateway.url.hasPrefix("https://"))
                // As from a folder where no gateway.yaml is.
                try workspace.write("agents: {assistant: {}}\n", to: "gateway.yaml")
                let status = try await CommandProcess.run(
                    "gateway", "status", "--store", workspace.store, in: workspace, environment: environment)
                #expect(status.status == 0, "\(status.everything)")
                let chat = try await CommandProcess.run(
                    "chat", "--store", workspace.store, in: workspace, environment: environment,
                    input: "my name is Ada\n")
                #expect(chat.status == 0, "\(chat.everything)")
                let pause = try await CommandProcess.run(
                    "gateway", "pause", "x", "--store", workspace.store, in: workspace)
                #expect(pause.status == 78)
                #expect(pause.errors.contains("wants a token; give the right one with --token"))
                let wrong = try await CommandProcess.run(
                    "gateway", "pause", "x", "--store", workspace.store, "--token", "wrong", in: workspace)
                #expect(wrong.status == 78)
                #expect(wrong.errors.contains("refused the token; give the right one with --token"))
                let port = String(gateway.url.split(separator: ":").last ?? "")
                let byPort = try await CommandProcess.run(
                    "gateway", "status", "--port", port, "--store", workspace.store, in: workspace)
                #expect(byPort.status == 0, "\(byPort.everything)")
                let clear = try await CommandProcess.run(
                    "gateway", "status", "--url", "http://127.0.0.1:\(port)", in: workspace)
                #expect(clear.status == 75)
                #expect(
                    clear.output.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(
                        "(this port speaks https)"))
                let elsewhere = try await CommandProcess.run(
                    "gateway", "pause", "x", "--url", gateway.url, "--store", ":memory:", in: workspace)
                #expect(elsewhere.status == 75)
                #expect(elsewhere.errors.contains("SSL_CERT_FILE=FILE"), "\(elsewhere.errors)")
            }
        }
    }

    @Test func `say whether one answers, and which process it is`() async throws {
        try await Workspace.with { workspace in
            try await GatewayProcess.withGateway(Self.demonstration, in: workspace) { gateway in
                let status = try await CommandProcess.run(
                    "gateway", "status", "--store", workspace.store, "--json", in: workspace)
                #expect(status.status == 0)
                let report = try JSONDocument(parsing: status.output)
                #expect(report["reachable"]?.bool == true)
                #expect(report["health"]?["status"]?.string == "healthy")
                #expect(report["daemon"]?["pid"]?.int == Int(gateway.process.identifier))

                let lines = try await CommandProcess.run(
                    "gateway", "status", "--store", workspace.store, in: workspace)
                #expect(lines.output.contains("\(gateway.url) is healthy"))

                let daemon = try await CommandProcess.run(
                    "gateway", "status", "--daemon-only", "--store", workspace.store, in: workspace)
                #expect(daemon.status == 0)
                #expect(daemon.output.contains("\(gateway.process.identifier) holds the store, at \(gateway.url)"))

                #expect(try await gateway.stop(SIGINT).status == 0)
                let port = String(gateway.url.split(separator: ":").last ?? "")
                let gone = try await CommandProcess.run("gateway", "status", "--port", port, "--json", in: workspace)
                #expect(gone.status == 75)
                #expect(try JSONDocument(parsing: gone.output)["reachable"]?.bool == false)
                let noDaemon = try await CommandProcess.run(
                    "gateway", "status", "--daemon-only", "--store", workspace.store, in: workspace)
                #expect(noDaemon.status == 75)
            }
        }
    }

    @Test func `let no second gateway use the same store or port`() async throws {
        try await Workspace.with { workspace in
            try await GatewayProcess.withGateway(Self.demonstration, in: workspace) { gateway in
                let same = try await CommandProcess.run(
                    "gateway", "start", "--port", "0", "--store", workspace.store, in: workspace)
                #expect(same.status == 75)
                #expect(same.errors.contains("process \(gateway.process.identifier)"))

                let port = String(gateway.url.split(separator: ":").last ?? "")
                let taken = try await CommandProcess.run(
                    "gateway", "start", "--port", port, "--store", ":memory:", in: workspace)
                #expect(taken.status == 75)
                #expect(taken.errors.contains("127.0.0.1:\(port)"))
                #expect(taken.errors.contains("--port"))
            }
        }
    }

    @Test func `take flags before the file, and the file before the environment`() async throws {
        try await Workspace.with { workspace in
            let text = "gateway: {port: 1}\n" + Self.demonstration
            try await GatewayProcess.withGateway(text, in: workspace, environment: ["GATEWAY_PORT": "2"]) { gateway in
                #expect(gateway.url.hasPrefix("http://127.0.0.1:"))
            }
            try workspace.write("gateway: {port: 70000}\n" + Self.demonstration, to: "gateway.yaml")
            let refused = try await CommandProcess.run(
                "gateway", "start", "--store", ":memory:", in: workspace, environment: ["GATEWAY_PORT": "0"])
            #expect(refused.status == 78)
            #expect(refused.errors.contains("gateway.yaml:1:17: gateway.port"))
        }
    }

    @Test func `start with a plain agents file, or with nothing at all`() async throws {
        try await Workspace.with { workspace in
            let agents = try workspace.write("agents:\n- {name: clerk, instructions: hi}\n", to: "agents.yaml")
            try await GatewayProcess.withGateway(
                Self.demonstration, in: workspace, arguments: ["--agents", agents]
            ) { gateway in
                #expect(gateway.process.output.text.contains("clerk: offline/demo"))
                #expect(!gateway.process.output.text.contains("assistant"))
            }
        }
        try await Workspace.with { workspace in
            let process = try CommandProcess(["gateway", "start", "--port", "0", "--store", ":memory:"], in: workspace)
            try await process.lending { process in
                let banner = try await process.output.waitFor("Press Ctrl+C to stop")
                #expect(banner.contains("assistant: offline/demo"))
                #expect(banner.contains("no gateway.yaml found"))
                process.send(SIGTERM)
                #expect(try await process.finished().status == 0)
            }
        }
    }
}
