import Logging
import PraisonCore

/// What needs no approval any more, because somebody has said so once and for all.
actor AllowList {
    struct Grant: Hashable, Sendable {
        var tool: String
        /// `nil` for every agent.
        var agent: AgentName?
        /// With exactly these arguments only; `nil` for all.
        var arguments: String?
        var createdAt: Timestamp
        /// Whose token said so.
        var approver: String
    }

    enum Failure: Error { case full(limit: Int) }

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

    func all() async throws -> [Grant] {
        try await load()
        return grants
    }

    /// Whether a tool may run unasked. When the list can't be read, it may not.
    func allows(_ subject: ServerRequests.Subject) async -> Bool {
        do { try await load() } catch {
            logger.error("cannot read the allow-list", metadata: ["error": "\(error)"])
            return false
        }
        return grants.contains {
            $0.tool == subject.tool && ($0.agent ?? subject.agent) == subject.agent
                && ($0.arguments ?? Self.canonical(subject.arguments)) == Self.canonical(subject.arguments)
        }
    }

    func add(_ tool: String, agent: AgentName?, arguments: String? = nil, approver: String) async throws {
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
    func remove(_ tool: String, agent: AgentName?) async throws -> Bool {
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
    var json: JSONValue {
        [
            "tool_name": .string(tool), "agent_id": JSONValue(agent?.rawValue), "arg_signature": JSONValue(arguments),
            "created_at": JSONValue(createdAt.seconds), "approver": .string(approver),
        ]
    }

    fileprivate init?(_ document: JSONDocument) {
        guard let tool = document["tool_name"]?.string else { return nil }
        self.init(
            tool: tool, agent: document["agent_id"]?.string.map { AgentName($0) },
            arguments: document["arg_signature"]?.string,
            createdAt: Timestamp(seconds: document["created_at"]?.double ?? 0),
            approver: document["approver"]?.string ?? "")
    }
}
