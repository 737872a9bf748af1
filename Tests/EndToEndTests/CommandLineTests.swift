import PraisonCore
import Testing

@Suite struct `the command line` {
    @Test(
        arguments: [
            (["--help"], 0), (["gateway", "--help"], 0), (["--version"], 0), (["nonsense"], 2),
            (["gateway", "check", "--nonsense"], 2), (["gateway", "check", "--config", "missing.yaml"], 78),
            (["gateway", "channels", "--config", "missing.yaml"], 78),
        ] as [([String], Int32)])
    func `ends with the code that says what to do next`(arguments: [String], status: Int32) async throws {
        try await Workspace.with { workspace in
            let process = try CommandProcess(arguments, in: workspace)
            process.endInput()
            let finished = try await process.lending { try await $0.finished() }
            #expect(finished.status == status)
            #expect(!finished.everything.isEmpty)
        }
    }

    @Test func `checks the seed's file, key by key`() async throws {
        try await Workspace.with { workspace in
            let file = Workspace.fixture("configurations/seed.yaml")
            let finished = try await CommandProcess.run("gateway", "check", "--config", file, "--json", in: workspace)
            #expect(finished.status == 0)
            let report = try JSONDocument(parsing: finished.output)
            #expect(report["ok"]?.bool == true)
            let off = (report["notices"]?.elements ?? []).filter { $0["severity"]?.string == "off" }
            #expect(
                off.map { $0["path"]?.string } == [
                    "channels.telegram.token", "channels.telegram-vip.token", "channels.discord.token",
                ])
            #expect(off.map { $0["line"]?.int } == [25, 33, 37])
        }
    }

    @Test func `names every problem with its place, and changes nothing`() async throws {
        try await Workspace.with { workspace in
            let text =
                "agents:\n  a: {instructions: hi}\nchannels:\n  telegram:\n    token: x\n    rooting: {default: b}\n"
            let file = try workspace.write(text, to: "gateway.yaml")
            let finished = try await CommandProcess.run("gateway", "check", in: workspace)
            #expect(finished.status == 78)
            #expect(
                finished.output.contains(
                    "gateway.yaml:6:5: channels.telegram.rooting: unknown key; did you mean routing?"))
            #expect(try workspace.read("gateway.yaml") == text, "\(file) was changed")
        }
    }

    @Test func `says which programs of MCP servers are not here, and that this is no error`() async throws {
        try await Workspace.with { workspace in
            let text = """
                agents:
                  a: {instructions: hi, tools: [files, here]}
                mcp_servers:
                  files: {command: no-such-program}
                  else: {command: /no/such/program}
                  here: {command: sh}
                """
            try workspace.write(text, to: "gateway.yaml")
            let finished = try await CommandProcess.run("gateway", "check", in: workspace)
            #expect(finished.status == 0, "\(finished.errors)")
            #expect(
                finished.output.contains(
                    "mcp_servers.files.command: \"no-such-program\": no folder of PATH has this program"))
            #expect(finished.output.contains("mcp_servers.else.command: \"/no/such/program\": no program is there"))
            #expect(!finished.output.contains("mcp_servers.here"))
        }
    }

    @Test func `lists channels without ever showing a token`() async throws {
        try await Workspace.with { workspace in
            let file = Workspace.fixture("configurations/seed.yaml")
            let token = "123456:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"
            for option in [[], ["--json"]] {
                let process = try CommandProcess(
                    ["gateway", "channels", "--config", file] + option, in: workspace,
                    environment: ["TELEGRAM_BOT_TOKEN": token])
                let finished = try await process.lending { try await $0.finished() }
                #expect(finished.status == 0)
                #expect(!finished.everything.contains(token))
                #expect(finished.output.contains("telegram-vip"))
                #expect(finished.output.split(separator: "\n").allSatisfy { $0.count <= 80 || !option.isEmpty })
            }
        }
    }
}
