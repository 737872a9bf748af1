/// A tool written in gateway.yaml: a request to a server, or a program of this machine.
public struct ToolSettings: Hashable, Sendable {
    public enum Action: Hashable, Sendable {
        /// `{name}` in the URL stands for an argument; the others go into the query, or into a JSON body where the
        /// method has one.
        case http(method: HTTPRequest.Method, url: String, headers: [Header])
        /// A program and its arguments, which never pass through a shell. `{name}` stands for an argument.
        case command([String])
        /// A tool there is anyway; only its access is set.
        case existing
    }

    public struct Header: Hashable, Sendable {
        public var name: String
        public var value: Secret

        public init(name: String, value: Secret) {
            self.name = name
            self.value = value
        }
    }

    public var name: String
    public var description: String
    /// The arguments' JSON schema.
    public var parameters: JSONValue
    public var action: Action
    public var timeout: Duration
    /// Bytes of the answer a model is shown.
    public var maxOutput: Int
    /// Variables a program gets besides `PATH`, `LANG` and `HOME`.
    public var environment: [Header]
    public var access: ToolAccess

    public init(
        name: String, description: String, parameters: JSONValue = ["type": "object"], action: Action,
        timeout: Duration = .seconds(30), maxOutput: Int = 16 << 10, environment: [Header] = [],
        access: ToolAccess = ToolAccess()
    ) {
        self.name = name
        self.description = description
        self.parameters = parameters
        self.action = action
        self.timeout = timeout
        self.maxOutput = maxOutput
        self.environment = environment
        self.access = access
    }
}

/// Whose turns may use a tool.
public struct ToolAccess: Hashable, Sendable {
    /// The least trust of the binding by which the message came.
    public var trust: Routing.Binding.Trust
    /// The people who may; `nil` for all. As they are written: `7`, or `CHANNEL/7` for one channel's.
    public var users: Set<String>?
    /// When it waits for somebody's word.
    public var approval: ToolApproval

    public init(
        trust: Routing.Binding.Trust = .untrusted, users: Set<String>? = nil, approval: ToolApproval = ToolApproval()
    ) {
        self.trust = trust
        self.users = users
        self.approval = approval
    }

    public func allows(_ turn: Turn) -> Bool {
        let isTrusted: Bool =
            switch trust {
            case .untrusted: true
            case .standard: turn.trust != .untrusted
            case .trusted: turn.trust == .trusted
            }
        guard isTrusted, let users else { return isTrusted }
        return users.contains(turn.sender.id, on: turn.conversation.channel)
    }
}

/// When a tool waits for somebody's word before it runs.
public struct ToolApproval: Hashable, Sendable {
    /// Whose uses need it.
    public enum Level: String, Hashable, Sendable {
        case never
        /// Those of untrusted people.
        case untrusted
        /// Those of everybody who is not trusted.
        case standard
        case always
    }

    public var level: Level
    /// The people whose uses never need it, written as in ``ToolAccess/users``.
    public var exempt: Set<String>
    /// How long it waits; then the answer is no.
    public var timeout: Duration

    public init(level: Level = .never, exempt: Set<String> = [], timeout: Duration = .seconds(300)) {
        self.level = level
        self.exempt = exempt
        self.timeout = timeout
    }

    public func isNeeded(for turn: Turn) -> Bool {
        let isAsked: Bool =
            switch level {
            case .never: false
            case .untrusted: turn.trust == .untrusted
            case .standard: turn.trust != .trusted
            case .always: true
            }
        return isAsked && !exempt.contains(turn.sender.id, on: turn.conversation.channel)
    }
}

extension Set<String> {
    /// Whether somebody is among people who are written as `7`, or `CHANNEL/7` for one channel's.
    public func contains(_ sender: SenderID, on channel: ChannelName) -> Bool {
        contains(sender.rawValue) || contains("\(channel)/\(sender)")
    }
}

/// A server that lends tools by the Model Context Protocol.
///
/// Source: https://modelcontextprotocol.io/specification/2025-06-18
public struct MCPServerSettings: Hashable, Sendable {
    public enum Connection: Hashable, Sendable {
        /// A program that speaks on its standard input and output.
        case program(command: [String], environment: [ToolSettings.Header])
        /// Streamable HTTP.
        case http(url: String, headers: [ToolSettings.Header])
    }

    public var name: String
    public var connection: Connection
    /// For one call of a tool.
    public var timeout: Duration
    /// The tools that are lent on, by the server's own names; `nil` for all.
    public var tools: Set<String>?
    public var access: ToolAccess

    /// What models know a server's tool by: `SERVER_TOOL`, in the letters all providers take.
    public static func name(of tool: String, from server: String) -> String {
        let fit = "\(server)_\(tool)".utf8.map { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == 0x2D ? byte : 0x5F
        }
        return String(decoding: fit.prefix(64), as: UTF8.self)
    }

    /// Whether a tool of the server may have that name. Which ones it lends is known only when it runs.
    public static func mayLend(_ name: String, from server: String) -> Bool {
        name.hasPrefix(Self.name(of: "", from: server))
    }

    public init(
        name: String, connection: Connection, timeout: Duration = .seconds(60), tools: Set<String>? = nil,
        access: ToolAccess = ToolAccess()
    ) {
        self.name = name
        self.connection = connection
        self.timeout = timeout
        self.tools = tools
        self.access = access
    }
}
