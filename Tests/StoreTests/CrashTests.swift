import Dispatch
import Foundation
import GRDB
import Logging
import PraisonCore
import Testing

@testable import PraisonStore

@Suite struct `a journal under kill -9` {
    private static let kills = 40

    /// Both ways of keeping what a turn remembers: with the journal, and in a database of its own.
    @Test(.timeLimit(.minutes(5)), arguments: [false, true])
    func `has everything it acknowledged, and nothing by halves`(sessionsApart: Bool) async throws {
        let folder = try TemporaryFolder()
        let sessions = sessionsApart ? folder.path + "/sessions" : "-"
        var random = SystemRandomNumberGenerator()
        var acknowledged = 0
        // Grows on a machine where starting alone takes as long.
        var longest = 0.16
        for run in 1...Self.kills {
            // From before it has opened the store to well into its work.
            let writer = try CrashWriterProcess(
                ["write", folder.file(), sessions, "\(run)"],
                killedAfter: .seconds(Double.random(in: 0.005...longest, using: &random)))
            let said = await writer.lines()
            longest = said.isEmpty ? min(longest * 1.25, 5) : max(longest * 0.9, 0.16)
            acknowledged += said.count
            let journal = try SQLiteJournal(
                .file(folder.file()), sessions: SessionSettings(persistPath: sessionsApart ? sessions : nil),
                clock: SystemClock(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try await audit(said, in: journal)
            try await auditMemory(of: journal)
            try await journal.close()
        }
        #expect(acknowledged > Self.kills, "the writer was killed before it did anything")
    }

    private func audit(_ said: [CrashWriterProcess.Line], in journal: SQLiteJournal) async throws {
        for line in said {
            let record = try #require(try await journal.record(of: line.event), "\(line) was acknowledged and is gone")
            switch line.what {
            case "appended": break
            case "settled": #expect(record.outcome?.status == .answered, "\(line)")
            case "claimed": #expect(record.messages.first?.state != .waiting, "\(line)")
            case "sent": #expect(record.messages.first?.state == .sent, "\(line)")
            default: Issue.record("the writer said \(line)")
            }
            // A turn's outcome and its two replies are there together or not at all.
            #expect(record.messages.count == (record.outcome == nil ? 0 : 2), "\(line)")
        }
    }

    /// What is settled is remembered, once, as a pair; what is not settled is not.
    private func auditMemory(of journal: SQLiteJournal) async throws {
        let settled = try await journal.store.read { database in
            try String.fetchSet(database, sql: "SELECT key FROM event WHERE settled_at IS NOT NULL")
        }
        var remembered: [String] = []
        for caller in 1...8 {
            let conversation = Conversation(channel: .gateway, id: Conversation.ID("\(caller)"), scope: .dm)
            let session = SessionKey(agent: "helper", conversation: conversation)
            let texts = try await journal.history(of: session, limit: .max).messages.map(\.text)
            #expect(stride(from: 0, to: texts.count, by: 2).allSatisfy { texts[$0] == texts[$0 + 1] })
            remembered += stride(from: 0, to: texts.count, by: 2).map { texts[$0] }
        }
        #expect(remembered.count == settled.count)
        #expect(Set(remembered) == settled)
    }
}

@Suite struct `a store another user owns` {
    /// Nobody's, on every system.
    private static let nobody: uid_t = 65_534

    @Test(arguments: ["folder", "file"])
    func `is refused, saying which file and what to do`(closed: String) async throws {
        let folder = try TemporaryFolder()
        let place = folder.path + "/state"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        let journal = try SQLiteJournal.make(.file(place + "/gateway.sqlite"))
        try await journal.close()
        let isRoot = geteuid() == 0
        // Root may do everything, so root looks as somebody else; others shut themselves out.
        let mode = closed == "folder" ? (isRoot ? 0o700 : 0o000) : 0o755
        if closed == "file", !isRoot { chmod(place + "/gateway.sqlite", 0o000) }
        chmod(folder.path, 0o755)
        chmod(place, mode_t(mode))
        defer { chmod(place, 0o700) }
        let user = isRoot ? Self.nobody : getuid()
        let opener = try CrashWriterProcess(["open", place + "/gateway.sqlite", "\(user)"])
        let said = await opener.output()
        #expect(said.contains("store \(place)/gateway.sqlite: can't open \(place)/gateway.sqlite: Permission denied"))
        #expect(said.contains("make it writable for the user that runs the gateway"))
    }
}

/// `journal-crash-writer`, which is built into the folder that the tests are in.
private struct CrashWriterProcess {
    /// Something it says is durable.
    struct Line: CustomStringConvertible {
        var what: String
        var event: EventID
        var description: String { "\(what) \(event)" }
    }

    private let process = Process()
    private let pipe = Pipe()

    /// - Parameter doom: when it is killed, as by `kill -9`, wherever it is then.
    init(_ arguments: [String], killedAfter doom: Duration? = nil) throws {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let writer = URL(filePath: tests).deletingLastPathComponent().appending(path: "journal-crash-writer").path()
        // In the foreground it waits until the writer is gone.
        let killer = doom.map { ["timeout", "--foreground", "-s", "KILL", "\($0.inSeconds)"] } ?? []
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = killer + [writer] + arguments
        process.standardOutput = pipe
        try process.run()
    }

    /// What it said was durable, until it was killed.
    func lines() async -> [Line] {
        await output().split(separator: "\n").map { line in
            let words = line.split(separator: " ", maxSplits: 1)
            return Line(what: String(words[0]), event: EventID(String(words.last ?? "")))
        }
    }

    /// Everything it says until it ends.
    func output() async -> String {
        let handle = pipe.fileHandleForReading
        return await withCheckedContinuation { continuation in
            // Reading blocks: not on a thread of Swift's pool.
            DispatchQueue.global().async { [process] in
                let said = (try? handle.readToEnd()) ?? Data()
                process.waitUntilExit()
                continuation.resume(returning: String(decoding: said, as: UTF8.self))
            }
        }
    }
}
