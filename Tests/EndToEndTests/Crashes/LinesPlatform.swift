import Foundation

/// The platform at the other end of `crash-gateway`. It outlives every gateway and remembers what it showed to people.
actor LinesPlatform {
    private static let chats = ["ada", "bob", "eve"]

    private(set) var said: [String: [Int]] = [:]
    private(set) var seen = SeenMessages()
    /// Said and not acknowledged yet, oldest first; all of it is told again to the next gateway.
    private var pending: [(number: Int, chat: String)] = []
    private var count = 0
    /// The gateway that asked for updates; what is said before it asks waits, so that nothing overtakes what is pending.
    private var listener: LinesGateway?

    /// Everything somebody has said is answered.
    var isQuiet: Bool {
        let answered = Set(seen.messages.map(\.answers))
        return pending.isEmpty && answered.count == count
    }

    /// Somebody writes; every now and then the platform delivers it twice.
    func say(to gateway: LinesGateway) {
        count += 1
        let chat = Self.chats[count % Self.chats.count]
        said[chat, default: []].append(count)
        pending.append((count, chat))
        guard listener === gateway else { return }
        for _ in 0...(count % 7 == 0 ? 1 : 0) { gateway.tell("update \(count) \(chat)") }
    }

    func hear(_ line: String, from gateway: LinesGateway) {
        let words = line.split(separator: " ", maxSplits: 3).map(String.init)
        switch words.first {
        case "ready":
            listener = gateway
            for update in pending { gateway.tell("update \(update.number) \(update.chat)") }
        case "ack": pending.removeAll { String($0.number) == words[1] }
        case "send":
            // The key of a reply is that of its event, `house/N`, and the reply's place.
            let number = words[1].split(separator: "/").dropFirst().first.flatMap { Int($0) } ?? 0
            seen.messages.append(SeenMessages.Message(answers: number, chat: words[2], text: words[3]))
            gateway.tell("sent \(words[1]) \(seen.messages.count)")
        default: break
        }
    }
}

/// `crash-gateway`, one life of it; it is built into the folder that the tests are in.
final class LinesGateway: Sendable {
    /// What it says, until it ends.
    let lines: AsyncStream<String>
    private let process = Process()
    private let input = Pipe()

    init(store: String) throws {
        // Writing to a gateway that was just killed is an error here, not the end of the tests.
        signal(SIGPIPE, SIG_IGN)
        let output = Pipe()
        let (lines, said) = AsyncStream.makeStream(of: String.self)
        self.lines = lines
        let handle = output.fileHandleForReading
        DispatchQueue(label: "what a gateway says").async {
            var rest: [UInt8] = []
            while case let data = handle.availableData, !data.isEmpty {
                rest += data
                let parts = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                for line in parts.dropLast() { said.yield(String(decoding: line, as: UTF8.self)) }
                rest = Array(parts.last ?? [])
            }
            said.finish()
        }
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(filePath: tests).deletingLastPathComponent().appending(path: "crash-gateway")
        process.arguments = [store]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// What a dead gateway is told is lost; the platform tells the next.
    func tell(_ line: String) { try? input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8)) }

    func kill() { Glibc.kill(process.processIdentifier, SIGKILL) }
}
