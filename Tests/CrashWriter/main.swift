// Writes a journal until it is killed, and says on standard output what was acknowledged. For `a journal under kill -9`.
//
//   journal-crash-writer write STORE SESSIONS RUN    SESSIONS: `-`, or the folder of the session database
//   journal-crash-writer open STORE UID              opens the store as that user, and says what came of it

import PraisonStore

#if canImport(Glibc)
    import Glibc
#endif

let arguments = CommandLine.arguments
switch arguments.dropFirst().first {
case "write" where arguments.count == 5:
    try await CrashWriter(store: arguments[2], sessions: arguments[3], run: arguments[4]).run()
case "open" where arguments.count == 4:
    // After the program and its libraries are loaded, so that they may lie where that user can't look.
    guard let user = UInt32(arguments[3]), user == getuid() || setgid(user) == 0 && setuid(user) == 0 else { exit(64) }
    do {
        try await CrashWriter.journal(arguments[2], sessions: "-").close()
        print("opened")
    } catch {
        print(error)
        exit(78)
    }
default: exit(64)
}
