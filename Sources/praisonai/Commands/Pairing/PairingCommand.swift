import ArgumentParser
import Logging
import PraisonCore
import PraisonStore

#if canImport(Glibc)
    import Glibc
#endif

/// `praisonai pairing …`: lets people in who were given a code. Works on the store, whether a gateway runs or not.
struct PairingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pairing",
        abstract: "Let in people who were given a pairing code (unknown_user_policy: pair).",
        discussion: """
            Examples:
              praisonai pairing list
              praisonai pairing approve telegram K7QW2MNP
              praisonai pairing revoke telegram 7000000001
            """,
        subcommands: [PairingList.self, PairingApprove.self, PairingRevoke.self])

    /// Lends the journal of the store.
    static func withJournal<Value>(
        _ options: StoreOptions, _ body: (SQLiteJournal) async throws -> Value
    ) async throws -> Value {
        let location = options.location(UserFolder(environment: ConfigurationSource.environment()))
        if case .file(let path) = location, access(path, F_OK) != 0 {
            throw CommandFailure(
                .failed, "there is no store \(path); start the gateway once, or name its store with --store")
        }
        let journal: SQLiteJournal
        do {
            journal = try SQLiteJournal(
                location.journalLocation, clock: SystemClock(), logger: StandardErrorLog.logger(level: .warning))
        } catch {
            throw CommandFailure(.failed, "\(error)")
        }
        do {
            let value = try await body(journal)
            try await journal.close()
            return value
        } catch {
            try? await journal.close()
            throw error
        }
    }
}
