import Foundation
import PraisonCore
import Testing

@testable import praisonai

@Suite struct `the lock beside a store` {
    @Test func `names its holder, and where it listens`() throws {
        try withFolder { folder in
            let store = folder.appending(path: "state/gateway.sqlite").path()
            #expect(ProcessLock.holder(besideStore: store) == nil)
            let lock = try ProcessLock(besideStore: store)
            #expect(ProcessLock.holder(besideStore: store) == .init(process: getpid(), address: nil))
            lock.publish(address: "http://127.0.0.1:8765")
            #expect(
                ProcessLock.holder(besideStore: store) == .init(process: getpid(), address: "http://127.0.0.1:8765"))
            lock.publish(address: "https://127.0.0.1:8765", certificate: "/etc/a certificate.pem")
            #expect(ProcessLock.holder(besideStore: store)?.certificate == "/etc/a certificate.pem")
        }
    }

    @Test func `keeps a second gateway out, saying which process is in`() throws {
        try withFolder { folder in
            let store = folder.appending(path: "gateway.sqlite").path()
            let first = try ProcessLock(besideStore: store)
            let failure = #expect(throws: CommandFailure.self) { try Self.take(store) }
            #expect(failure?.status == .tryAgain)
            #expect(failure?.message.contains("process \(getpid())") == true)
            withExtendedLifetime(first.path) {}
        }
    }

    private static func take(_ store: String) throws { _ = try ProcessLock(besideStore: store) }

    @Test func `is nobody's once its holder is gone, although the file stays`() throws {
        try withFolder { folder in
            let store = folder.appending(path: "gateway.sqlite").path()
            try Self.take(store)
            #expect(FileManager.default.fileExists(atPath: ProcessLock.path(besideStore: store)))
            #expect(ProcessLock.holder(besideStore: store) == nil)
            try Self.take(store)
        }
    }

    @Test func `that cannot be made is a matter of configuration`() {
        let failure = #expect(throws: CommandFailure.self) { try Self.take("/proc/nowhere/gateway.sqlite") }
        #expect(failure?.status == .configuration)
    }
}

@Suite struct `a service` {
    private func find(in root: URL) -> ServiceUnit? {
        ServiceUnit.find(
            home: root.appending(path: "home").path(), runtimeFolder: root.appending(path: "runtime").path(),
            root: root.path())
    }

    private func write(_ name: String, in root: URL) throws {
        let file = root.appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data().write(to: file)
    }

    @Test func `is none where no manager knows of one`() throws {
        try withFolder { #expect(find(in: $0) == nil) }
    }

    @Test func `is active for as long as systemd keeps its link`() throws {
        try withFolder { root in
            try write("home/.config/systemd/user/praisonai-gateway.service", in: root)
            #expect(find(in: root)?.isActive == false)
            let folder = root.appending(path: "runtime/systemd/units")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: folder.appending(path: "invocation:praisonai-gateway.service").path(),
                withDestinationPath: "0123456789abcdef")
            #expect(find(in: root)?.isActive == true)
            #expect(find(in: root)?.manager == .systemd)
        }
    }

    @Test func `of launchd is known by its file alone`() throws {
        try withFolder { root in
            try write("home/Library/LaunchAgents/ai.praison.gateway.plist", in: root)
            #expect(find(in: root)?.manager == .launchd)
            #expect(find(in: root)?.isActive == nil)
        }
    }
}

@Suite struct `a status report` {
    private static let daemon = DaemonState(
        store: .memory, ConfigurationSource(file: "none", environment: ["HOME": "/nowhere"]))

    private func report(_ health: JSONValue, isTokenRefused: Bool = false) -> StatusReport {
        let state = GatewayInquiry.Answer.State.answered(health: health, info: nil, isTokenRefused: isTokenRefused)
        return StatusReport(.init(url: "http://127.0.0.1:8765", state: state), Self.daemon)
    }

    @Test func `says that the token was refused, rather than showing less without a word`() {
        let refused = report(["status": "healthy"], isTokenRefused: true)
        #expect(refused.text().contains("Token     refused, so details are hidden; give the right one with --token"))
        #expect(refused.json["token_refused"] == true)
        #expect(!report(["status": "healthy"]).text().contains("Token"))
    }

    @Test func `says how long it has been up and why a channel is not`() {
        let text = report([
            "status": "healthy", "uptime": 3725.5, "agents": 3, "sessions": 2, "clients": 1,
            "channels": [
                "house": ["platform": "x", "running": true, "ok": true, "state": "receiving"],
                "work": [
                    "platform": "x", "running": false, "ok": false, "state": "off", "reason": "no\u{1B}[2J token",
                ],
            ],
        ]).text()
        #expect(text.hasPrefix("Gateway   http://127.0.0.1:8765 is healthy, up 1 h 2 min\n"))
        #expect(text.contains("Channels  house: receiving\n          work: off: no\\u{1b}[2J token"))
    }

    @Test func `keeps within the width, whatever a channel has to say`() {
        let reason = String(repeating: "the platform refuses the token and ", count: 4)
        let text = report([
            "status": "degraded",
            "channels": ["a": ["state": "off", "reason": .string(reason)], "b": ["state": "receiving", "ok": true]],
        ]).text(width: 60)
        let lines = text.split(separator: "\n").drop { !$0.hasPrefix("Channels") }
        #expect(lines.allSatisfy { $0.count <= 60 })
        #expect(lines.first == "Channels  a: off: the platform refuses the token and the")
        #expect(lines.dropFirst().first?.hasPrefix("          platform refuses") == true)
        #expect(lines.last == "          b: receiving")
    }

    @Test func `counts as people do`() {
        let pressure: JSONValue = ["admission_in_flight": 1, "outbox_pending": 1, "outbox_dead_letter": 0]
        let text = report(["status": "healthy", "sessions": 1, "pressure": pressure]).text()
        #expect(text.contains("0 connected, 1 session\n"))
        #expect(text.contains("1 turn running, 1 message waiting, 0 given up"))
    }

    @Test func `does not call the store unused when the gateway that answers has another`() {
        let text = report(["status": "healthy"]).text()
        #expect(text.contains("Process   unknown: it uses another store than this one; name that with --store\n"))
    }

    @Test(
        arguments: [
            ["status": 5], ["status": "x", "uptime": "soon", "channels": []], ["status": "x", "uptime": 1e300],
            ["status": "x", "channels": ["a": 1]],
        ] as [JSONValue])
    func `survives answers of any shape`(health: JSONValue) {
        #expect(!report(health).text().isEmpty)
        #expect(report(health).json["reachable"] == true)
    }

    @Test func `of a gateway that does not answer says so, and for programs too`() {
        let report = StatusReport(
            .init(url: "http://127.0.0.1:8765", state: .unreachable(reason: "connection refused")), Self.daemon)
        #expect(report.text().hasPrefix("Gateway   http://127.0.0.1:8765 does not answer: connection refused\n"))
        #expect(report.json["reachable"] == false)
        #expect(report.json["host"] == "127.0.0.1")
        #expect(report.json["port"] == 8765)
        #expect(report.json["daemon"]?["running"] == false)
    }
}

@Suite struct `the address of a gateway` {
    private func failure(url: String? = nil, host: String? = nil, port: Int? = nil) -> CommandFailure? {
        #expect(throws: CommandFailure.self) {
            try GatewayAddress(written: url, host: host, port: port, server: ServerSettings(), holder: nil)
        }
    }

    @Test(arguments: ["bad host", "", "a/b", "a\nb", "user@host"])
    func `is refused as usage where it can be none`(host: String) {
        #expect(failure(host: host)?.status == .usage)
        #expect(failure(url: "http://\(host.isEmpty ? "" : "bad host")")?.status == .usage)
    }

    @Test func `is written in one way`() {
        #expect(failure(url: "http://127.0.0.1:1", port: 2)?.status == .usage)
        #expect(failure(url: "http://127.0.0.1:1", host: "x")?.status == .usage)
        #expect(failure(port: 70_000)?.status == .usage)
    }

    @Test(arguments: ["127.0.0.1", "::1", "gateway.example", "büro.example"])
    func `may have any name`(host: String) throws {
        let address = try GatewayAddress(
            written: nil, host: host, port: 9, server: ServerSettings(), holder: nil)
        #expect(address.http == "http://\(host.contains(":") ? "[\(host)]" : host):9")
    }
}
