import ArgumentParser
import PraisonStore

/// `--store`: a file, or `:memory:`.
enum StoreLocation: Equatable {
    case memory
    case file(String)

    /// - Parameter written: what the command line says; `nil` for `~/.praisonai/state/gateway.sqlite`.
    init(_ written: String?, folder: UserFolder) {
        switch written {
        case ":memory:": self = .memory
        case let path?: self = .file(folder.resolve(path))
        case nil: self = .file(folder.storePath)
        }
    }

    var journalLocation: SQLiteJournal.Location {
        switch self {
        case .memory: .memory
        case .file(let path): .file(path)
        }
    }

    /// For people.
    var description: String {
        switch self {
        case .memory: "in memory only; nothing outlives this process"
        case .file(let path): path
        }
    }
}

/// `--store` on commands that look into a store.
struct StoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The store; ~/.praisonai/state/gateway.sqlite unless told otherwise.", valueName: "file"))
    var store: String?

    func validate() throws {
        if store?.isEmpty == true { throw ValidationError("--store takes a file, or :memory:") }
    }

    func location(_ folder: UserFolder) -> StoreLocation { StoreLocation(store, folder: folder) }
}
