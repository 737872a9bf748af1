import Logging
import PraisonCore

/// Files of text that one agent looks things up in. Their passages are kept beside its memories, and found like those by
/// full-text search.
///
/// The files are looked at again when a minute has passed since the last time; what has changed is read anew.
actor Knowledge {
    /// Passages a model is shown with a question, and those that the tool shows.
    private static let (shownUnasked, shownAsked) = (3, 8)
    private static let lookingInterval: Duration = .seconds(60)

    private let agent: AgentName
    private let paths: [String]
    private let store: any FactStore
    private let cursors: any CursorStore
    private let clock: any GatewayClock
    private let logger: Logger
    private var subjects: [String] = []
    private var nextLook: Duration?
    private var isLooking = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    init(
        agent: AgentName, paths: [String], store: any FactStore, cursors: any CursorStore, clock: any GatewayClock,
        logger: Logger
    ) {
        self.agent = agent
        self.paths = paths
        self.store = store
        self.cursors = cursors
        self.clock = clock
        self.logger = logger
    }

    nonisolated var tools: [any Tool] { [LookUpTool(knowledge: self)] }

    /// What the files say that may matter to the question, for the model to read; `nil` where nothing does, or the store is
    /// in trouble.
    func context(for turn: Turn) async -> String? {
        let query = turn.input.map(\.text).joined(separator: " ")
        do {
            let found = try await passages(matching: query, limit: Self.shownUnasked)
            return found.isEmpty
                ? nil : "What your files say that may matter; look_up finds more:\n" + Self.shown(found)
        } catch {
            logger.warning("files can't be looked up", metadata: ["agent": "\(agent)", "error": "\(error)"])
            return nil
        }
    }

    fileprivate func lookUp(_ query: String) async throws -> String {
        let found = try await passages(matching: query, limit: Self.shownAsked)
        return found.isEmpty ? "Nothing in the files has these words. Try others." : Self.shown(found)
    }

    private func passages(matching query: String, limit: Int) async throws -> [Fact] {
        try await look()
        return try await store.facts(about: subjects, matching: query, limit: limit)
    }

    private static func shown(_ passages: [Fact]) -> String {
        passages.map { passage in
            Fence.wrap(
                passage.text, in: "knowledge",
                [("file", passage.subject.split(separator: "/").last.map(String.init) ?? "")])
        }.joined(separator: "\n")
    }

    // MARK: Reading

    /// Reads what is new; whoever comes meanwhile waits.
    private func look() async throws {
        if isLooking { return await withCheckedContinuation { waiters.append($0) } }
        if let nextLook, clock.uptime < nextLook { return }
        isLooking = true
        defer {
            isLooking = false
            for waiter in waiters { waiter.resume() }
            waiters = []
        }
        let files = KnowledgeFiles(paths).files
        for file in files { try await take(file) }
        try await forget(except: files)
        subjects = files.map(subject)
        nextLook = clock.uptime + Self.lookingInterval
    }

    private func take(_ file: KnowledgeFiles.File) async throws {
        let cursor = cursor(of: file.path)
        guard try await cursors.cursor(cursor) != file.stamp else { return }
        let passages = KnowledgeFiles.text(of: file).map(Passages.of) ?? []
        let subject = subject(file)
        _ = try await store.forget(nil, about: [subject])
        // At the same time, so that they share the store's commits.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for passage in passages {
                group.addTask { [store, clock] in _ = try await store.remember(passage, about: subject, at: clock.now) }
            }
            try await group.waitForAll()
        }
        // Only now: after a crash before this the file is read again.
        try await cursors.save(file.stamp, for: cursor)
        logger.info(
            "file read", metadata: ["agent": "\(agent)", "file": "\(file.path)", "passages": "\(passages.count)"])
    }

    /// Lets go of files that are gone, or that the agent may not look into any more.
    private func forget(except files: [KnowledgeFiles.File]) async throws {
        let list = "knowledge/\(agent)"
        let known = try await cursors.cursor(list)?.split(separator: "\n").map(String.init) ?? []
        let paths = files.map(\.path)
        guard known != paths else { return }
        for path in Set(known).subtracting(paths) {
            _ = try await store.forget(nil, about: ["\(agent)/knowledge/\(path)"])
            try await cursors.save(nil, for: cursor(of: path))
        }
        try await cursors.save(paths.joined(separator: "\n"), for: list)
    }

    private func subject(_ file: KnowledgeFiles.File) -> String { "\(agent)/knowledge/\(file.path)" }
    private func cursor(of path: String) -> String { "knowledge/\(agent)/\(path)" }
}

/// Lets a model look something up in the agent's files.
private struct LookUpTool: Tool {
    let knowledge: Knowledge

    var definition: ModelRequest.Tool {
        ModelRequest.Tool(
            name: "look_up", description: "Looks for words in your files and shows the passages they stand in.",
            parameters: [
                "type": "object",
                "properties": ["query": ["type": "string", "description": "the words that will stand there"]],
                "required": ["query"],
            ])
    }

    func run(_ arguments: JSONDocument, for turn: Turn) async throws -> String {
        guard let query = arguments["query"]?.string?.trimmed, !query.isEmpty else {
            throw ToolError("query is missing")
        }
        return try await knowledge.lookUp(query)
    }
}
