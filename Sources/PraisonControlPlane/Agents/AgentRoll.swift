import Logging
import PraisonCore

/// The names of agents that came unannounced, kept so that a gateway that starts anew knows whom its sessions mean.
actor AgentRoll {
    struct Entry: Hashable, Sendable {
        var name: AgentName
        var summary: String?
        /// The fingerprint of the token that registered it; `nil` where none was needed.
        var owner: String?
        /// `nil` for one that was there when the entry was made.
        var goneAt: Timestamp?
    }

    private static let cursor = "control-plane/agents"

    private let cursors: (any CursorStore)?
    private let logger: Logger
    private var isSaving = false
    private var isChanged = false

    /// - Parameter cursors: `nil` where nothing outlives the process.
    init(_ cursors: (any CursorStore)?, logger: Logger) {
        self.cursors = cursors
        self.logger = logger
    }

    func load() async -> [Entry] {
        do {
            let text = try await cursors?.cursor(Self.cursor) ?? "[]"
            return try JSONDocument(parsing: text).elements.compactMap(Entry.init)
        } catch {
            logger.error("cannot read which agents run elsewhere", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// Returns once the entries are durable. A change that comes while another is saved is saved by that one.
    ///
    /// - Parameter entries: what to save, as it is at that moment.
    func save(_ entries: @Sendable () -> [Entry]) async {
        guard let cursors else { return }
        isChanged = true
        guard !isSaving else { return }
        isSaving = true
        defer { isSaving = false }
        while isChanged {
            isChanged = false
            let text = JSONValue.array(entries().map(\.json)).text()
            do { try await cursors.save(text, for: Self.cursor) } catch {
                logger.error("cannot keep which agents run elsewhere", metadata: ["error": "\(error)"])
            }
        }
    }
}

extension AgentRoll.Entry {
    fileprivate var json: JSONValue {
        [
            "name": .string(name.rawValue), "description": JSONValue(summary), "owner": JSONValue(owner),
            "gone_at": goneAt.map { JSONValue($0.seconds) } ?? .null,
        ]
    }

    fileprivate init?(_ document: JSONDocument) {
        guard let name = document["name"]?.string else { return nil }
        self.init(
            name: AgentName(name), summary: document["description"]?.string, owner: document["owner"]?.string,
            goneAt: document["gone_at"]?.double.map(Timestamp.init(seconds:)))
    }
}
