import GRDB

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

extension SQLiteJournal {
    /// Rows read at once where all of them are wanted.
    static let pageSize = 500

    /// Everything a paged query has to say.
    func allPages<Item: Identifiable>(
        _ page: (Item.ID) async throws -> [Item]
    ) async throws -> [Item] where Item.ID == Int64 {
        var items: [Item] = []
        while true {
            let next = try await page(items.last?.id ?? 0)
            if next.isEmpty { return items }
            items += next
        }
    }
}
