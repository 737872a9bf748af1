import PraisonCore

extension ConfigurationAssembly {
    mutating func tools(_ block: CheckedBlock?, commandsAllowed: Bool) -> [ToolSettings] {
        (block?.namedBlocks ?? []).compactMap { name, keyPlace, block in
            let isFit = !name.isEmpty && name.utf8.count <= 64 && name.utf8.allSatisfy(Self.isToolLetter)
            if !isFit {
                checker.report(keyPlace, block.path, "a tool's name has 1 to 64 of the letters A–Z a–z 0–9 _ -")
            }
            guard let action = action(block, commandsAllowed: commandsAllowed) else { return nil }
            var tool = ToolSettings(
                name: name, description: block.text("description") ?? name,
                parameters: parameters(block), action: action)
            tool.timeout = block.duration("timeout") ?? tool.timeout
            tool.maxOutput = block.integer("max_output") ?? tool.maxOutput
            tool.environment = Self.fields(block.namedSecrets("environment"))
            tool.access = Self.access(block)
            return tool
        }
    }

    private mutating func action(_ block: CheckedBlock, commandsAllowed: Bool) -> ToolSettings.Action? {
        let command = block.texts("command")
        switch (block.text("url"), command.isEmpty) {
        case (_?, false):
            checker.report(block.place(of: "command"), block.path, "a tool has a url or a command, not both")
            return nil
        case (let url?, true):
            let lowered = url.lowercased()
            guard ["http://", "https://"].contains(where: lowered.hasPrefix), Self.hasFixedHost(url) else {
                checker.report(
                    block.place(of: "url"), block.path(of: "url"),
                    "expected an address such as https://example.org/orders/{id}, with arguments after the host only")
                return nil
            }
            return .http(
                method: block.text("method").flatMap(HTTPRequest.Method.init) ?? .get, url: url,
                headers: Self.fields(block.namedSecrets("headers")))
        case (nil, false):
            if command[0].contains("{") {
                checker.report(
                    block.place(of: "command"), block.path(of: "command"), "the program itself can't be an argument")
            }
            if !commandsAllowed {
                checker.note(
                    .advice, block.place(of: "command"), block.path(of: "command"),
                    "off, because gateway.allow_command_tools is not true")
            }
            return .command(command)
        case (nil, true):
            let limits = ["trust", "users", "approval", "approval_exempt", "approval_timeout"]
            let isLimited = limits.contains { block.entry($0) != nil || hasProblem(block, $0) }
            guard isLimited, block.entry("description") == nil else {
                checker.report(
                    block.place, block.path,
                    "write url: or command: for a tool of your own, or trust:, users: and approval: alone to limit one "
                        + "there is")
                return nil
            }
            return .existing
        }
    }

    /// An argument must not choose the server.
    private static func hasFixedHost(_ url: String) -> Bool {
        guard let scheme = url.firstRange(of: "://") else { return false }
        let host = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
        return !host.isEmpty && !host.contains("{")
    }

    /// A schema of another kind than an object is none that a model could use.
    private mutating func parameters(_ block: CheckedBlock) -> JSONValue {
        guard let schema = block.json("parameters") else { return ["type": "object", "properties": [:]] }
        guard var members = schema.object, members["type"] == nil || members["type"] == "object" else {
            checker.report(
                block.place(of: "parameters"), block.path(of: "parameters"),
                "expected a JSON schema of an object: {type: object, properties: {…}}")
            return schema
        }
        members["type"] = "object"
        return .object(members)
    }

    private static func isToolLetter(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == 0x5F || byte == 0x2D
    }

    private static func fields(_ secrets: [(name: String, secret: Secret)]) -> [ToolSettings.Header] {
        secrets.map { ToolSettings.Header(name: $0.name, value: $0.secret) }
    }

    private static func access(_ block: CheckedBlock) -> ToolAccess {
        var approval = ToolApproval()
        approval.level = block.text("approval").flatMap(ToolApproval.Level.init) ?? approval.level
        approval.exempt = Set(block.words("approval_exempt") ?? [])
        approval.timeout = block.duration("approval_timeout") ?? approval.timeout
        return ToolAccess(
            trust: block.text("trust").flatMap(Routing.Binding.Trust.init) ?? .untrusted,
            users: block.words("users").map(Set.init), approval: approval)
    }

    // MARK: MCP

    mutating func mcpServers(_ block: CheckedBlock?) -> [MCPServerSettings] {
        (block?.namedBlocks ?? []).compactMap { name, keyPlace, block in
            if name.isEmpty || name.utf8.count > 32 || !name.utf8.allSatisfy(Self.isToolLetter) {
                checker.report(keyPlace, block.path, "a server's name has 1 to 32 of the letters A–Z a–z 0–9 _ -")
            }
            guard block.boolean("enabled") ?? true else { return nil }
            let connection: MCPServerSettings.Connection
            switch (block.text("command"), block.text("url")) {
            case (let command?, nil):
                connection = .program(
                    command: [command] + block.texts("args"), environment: Self.fields(block.namedSecrets("env")))
            case (nil, let url?): connection = .http(url: url, headers: Self.fields(block.namedSecrets("headers")))
            default:
                checker.report(block.place, block.path, "write command: for a program, or url: for an address")
                return nil
            }
            var server = MCPServerSettings(name: name, connection: connection)
            server.timeout = block.duration("timeout") ?? server.timeout
            server.tools = block.words("tools").map(Set.init)
            server.access = Self.access(block)
            return server
        }
    }
}
