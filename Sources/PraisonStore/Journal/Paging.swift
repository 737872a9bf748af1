import GRDB
import PraisonCore

/// What one page of a table holds: values, and rows that can't be read.
struct Page<Item: Sendable>: Sendable {
    /// A row whose JSON this build does not understand.
    struct Unreadable: Sendable {
        var id: Int64
        var reason: String
    }

    var items: [Item] = []
    var unreadable: [Unreadable] = []
    /// The number of the last row; `nil` when there was none.
    var last: Int64?

    /// - Parameter rows: with an `id` each.
    init(_ rows: RowCursor, reading read: (Row) throws -> Item) throws {
        while let row = try rows.next() {
            let id: Int64 = row["id"]
            last = id
            do { items.append(try read(row)) } catch { unreadable.append(Unreadable(id: id, reason: "\(error)")) }
        }
    }
}

extension JournalPart {
    /// A condition on the columns `channel`, `conversation` and `thread`.
    var condition: String {
        switch self {
        case .everything: "TRUE"
        case .channel: "channel = ?"
        case .conversation: "channel = ? AND conversation = ? AND thread IS ?"
        }
    }

    var arguments: StatementArguments {
        switch self {
        case .everything: []
        case .channel(let channel): [channel.rawValue]
        case .conversation(let conversation):
            [conversation.channel.rawValue, conversation.id.rawValue, conversation.thread?.rawValue]
        }
    }
}

extension Database {
    /// Rows of a table by channel, counted where `settled_at` is null.
    func openCounts(in table: String) throws -> [ChannelName: Int] {
        let rows = try Row.fetchAll(
            self, sql: "SELECT channel, count(*) AS count FROM \(table) WHERE settled_at IS NULL GROUP BY channel")
        return Dictionary(uniqueKeysWithValues: rows.map { (ChannelName($0["channel"]), $0["count"]) })
    }
}
