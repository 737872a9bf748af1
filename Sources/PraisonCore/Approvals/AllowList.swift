import Logging

/// Tools that need no approval any more, because somebody has said so once and for all.
public actor AllowList {
    public struct Grant: Hashable, Sendable {
        public var tool: String
        /// `nil` for every agent.
        public var agent: AgentName?
        /// With exactly these arguments only; `nil` for all.
        public var arguments: String?
        public var createdAt: Timestamp
        /// Who said so.
        public var approver: String
    }

    public enum Failure: Error { case full(limit: Int) }

    static let maximumGrants = 1000
    private static let cursor = "control-plane/allow-list"

    private let cursors: (any CursorStore)?
    private let clock: any GatewayClock
    private let logger: Logger
    private var grants: [Grant] = []
    private var isLoaded = false

    /// - Parameter cursors: where it outlives the process; `nil` for memory only.
    init(_ cursors: (any CursorStore)?, clock: any GatewayClock, logger: Logger) {
        self.cursors = cursors
        self.clock = clock
        self.logger = logger
    }

    /// All grants, in the order in which they were given.
    public func all() async throws -> [Grant] {
        try await load()
        return grants
    }

    /// By what the tool may run unasked. When the list can't be read, it may not.
    public func grant(for call: ToolCall, by agent: AgentName) async -> Grant? {
        do { try await load() } catch {
            logger.error("cannot read the allow-list", metadata: ["error": "\(error)"])
            return nil
        }
        return grants.first {
            $0.tool == call.name && ($0.agent ?? agent) == agent
                && ($0.arguments ?? Self.canonical(call.arguments)) == Self.canonical(call.arguments)
        }
    }

    /// - Throws: ``Failure``, and what the store throws.
    public func add(_ tool: String, agent: AgentName?, arguments: String? = nil, approver: String) async throws {
        try await load()
        let arguments = arguments.map(Self.canonical)
        guard !grants.contains(where: { $0.tool == tool && $0.agent == agent && $0.arguments == arguments }) else {
            return
        }
        guard grants.count < Self.maximumGrants else { throw Failure.full(limit: Self.maximumGrants) }
        grants.append(
            Grant(tool: tool, agent: agent, arguments: arguments, createdAt: clock.now, approver: approver))
        try await save()
    }

    /// Takes back every grant of the tool; those of one agent where one is named.
    ///
    /// - Returns: whether there was any.
    public func remove(_ tool: String, agent: AgentName?) async throws -> Bool {
        try await load()
        let before = grants.count
        grants.removeAll { $0.tool == tool && (agent == nil || $0.agent == agent) }
        guard grants.count < before else { return false }
        try await save()
        return true
    }

    /// Arguments however they are spaced and ordered.
    private static func canonical(_ arguments: String) -> String {
        (try? JSONDocument(parsing: arguments))?.value.text() ?? arguments
    }

    // MARK: The store

    private func load() async throws {
        guard !isLoaded, let cursors else { return }
        let text = try await cursors.cursor(Self.cursor) ?? "[]"
        guard !isLoaded else { return }
        grants = try JSONDocument(parsing: text).elements.compactMap(Grant.init) + grants
        isLoaded = true
    }

    private func save() async throws {
        try await cursors?.save(JSONValue.array(grants.map(\.json)).text(), for: Self.cursor)
    }
}

extension AllowList.Grant {
    /// All agents, where one could be named.
    public static let everybody = "*"

    /// As the control plane shows it.
    public var json: JSONValue {
        [
            "tool_name": .string(tool), "agent_id": .string(agent?.rawValue ?? Self.everybody),
            "arg_signature": JSONValue(arguments),
            "created_at": JSONValue(createdAt.seconds), "approver": .string(approver),
        ]
    }

    fileprivate init?(_ document: JSONDocument) {
        guard let tool = document["tool_name"]?.string else { return nil }
        self.init(
            tool: tool,
            agent: document["agent_id"]?.string.flatMap { $0 == Self.everybody ? nil : AgentName($0) },
            arguments: document["arg_signature"]?.string,
            createdAt: Timestamp(seconds: document["created_at"]?.double ?? 0),
            approver: document["approver"]?.string ?? "")
    }
}
