import Foundation
import PraisonConfig
import PraisonCore
import PraisonNet
import Testing

@testable import praisonai

@Suite struct `where the configuration comes from` {
    @Test func `is the file that is named`() {
        let source = ConfigurationSource(file: "other.yaml", agentsFile: "agents.yaml", environment: [:])
        #expect(source.place == .file("other.yaml"))
        #expect(source.agentsFile == "agents.yaml")
    }

    @Test func `is an agents file alone when only that is named`() {
        #expect(ConfigurationSource(file: nil, agentsFile: "agents.yaml").place == .agentsFile("agents.yaml"))
    }

    @Test func `is the home's file when there is none here, and a demonstration when there is none at all`() throws {
        try withFolder { home in
            let environment = ["HOME": home.path()]
            #expect(ConfigurationSource(file: nil, environment: environment).isFoundOutside(home))
            let folder = home.appending(path: ".praisonai")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data("agents: {a: {instructions: x}}\n".utf8).write(to: folder.appending(path: "gateway.yaml"))
            let source = ConfigurationSource(file: nil, environment: environment)
            // The folder the tests run in has a gateway.yaml of its own, which goes first.
            #expect(source.place != .demonstration)
        }
    }

    @Test func `that does not exist is said with its name`() {
        let source = ConfigurationSource(file: "/nowhere/gateway.yaml", environment: [:])
        let failure = #expect(throws: CommandFailure.self) { try source.load() }
        #expect(failure?.status == .configuration)
        #expect(failure?.message == "/nowhere/gateway.yaml: no such file")
    }

    @Test func `is refused with every problem in it`() throws {
        try withFolder { folder in
            let file = folder.appending(path: "gateway.yaml")
            try Data("agents: {a: {instrutions: x}}\nchanels: {}\n".utf8).write(to: file)
            let source = ConfigurationSource(file: file.path(), environment: [:])
            let failure = #expect(throws: CommandFailure.self) { try source.loadWithoutProblems() }
            #expect(failure?.status == .configuration)
            #expect(failure?.message.contains("gateway.yaml:1:14: agents.a.instrutions") == true)
            #expect(failure?.message.contains("gateway.yaml:2:1: chanels") == true)
        }
    }

    @Test func `is refused with the place of a certificate that is none`() throws {
        try withFolder { folder in
            let file = folder.appending(path: "gateway.yaml")
            try Data("agents: {a: {}}\ngateway:\n  ssl_cert: /nowhere/c.pem\n  ssl_key: /nowhere/k.pem\n".utf8)
                .write(to: file)
            let source = ConfigurationSource(file: file.path(), environment: [:])
            let failure = #expect(throws: CommandFailure.self) { try source.loadWithoutProblems() }
            #expect(failure?.status == .configuration)
            #expect(failure?.message.contains("gateway.yaml:3:13: gateway.ssl_cert: ") == true)
        }
    }

    @Test func `sets the limits of the server`() throws {
        let keys: [(yaml: String, isSet: (HTTPServer.Configuration) -> Bool)] = [
            ("max_header_bytes: 2048", { $0.maxHeaderSize == 2048 }),
            ("max_body_bytes: 4096", { $0.maxBodySize == 4096 }),
            ("max_payload: 3000", { $0.maxMessageSize == 3000 }),
            ("header_timeout: 3", { $0.headerTimeout == .seconds(3) }),
            ("body_timeout: 4", { $0.bodyTimeout == .seconds(4) }),
            ("idle_timeout: 5", { $0.keepAliveTimeout == .seconds(5) }),
            ("drain_timeout: 6", { $0.drainTimeout == .seconds(6) }),
            ("drain_timeout: 60", { $0.drainTimeout == .seconds(10) }),
            ("preauth_max_connections_per_ip: 7", { $0.maxStrangersPerPeer == 7 }),
            ("max_connections: 8", { $0.maxConnections == 8 + 1024 }),
            ("host: 127.0.0.2", { $0.host == "127.0.0.2" }), ("port: 9", { $0.port == 9 }),
        ]
        try withFolder { folder in
            let file = folder.appending(path: "gateway.yaml")
            for key in keys {
                try Data("agents: {a: {}}\ngateway: {\(key.yaml)}\n".utf8).write(to: file)
                let source = ConfigurationSource(file: file.path(), environment: [:])
                let settings = try source.loadWithoutProblems().configuration.server
                let server = try HTTPServer.Configuration(settings) { $0 == "192.0.2.1" }
                #expect(key.isSet(server), "\(key.yaml)")
                #expect(server.isFamiliar("192.0.2.1") && !server.isFamiliar("192.0.2.2"))
            }
        }
    }
}

extension ConfigurationSource {
    fileprivate func isFoundOutside(_ home: URL) -> Bool { name?.hasPrefix(home.path()) != true }
}

@Suite struct `a .env file` {
    @Test(arguments: [
        ("A=1", ["A": "1"]), ("export A=1", ["A": "1"]), ("# A=1", [:]), ("A=\"a # b\" # c", ["A": "a # b"]),
        ("A='x=y'", ["A": "x=y"]), ("A=b#c", ["A": "b#c"]), ("A=b # c", ["A": "b"]), ("A =  b  ", ["A": "b"]),
        ("no sign", [:]), ("=x", [:]), ("A=1\r\nB=2\n", ["A": "1", "B": "2"]), ("A=", ["A": ""]),
    ])
    func `is read as a shell would`(text: String, expected: [String: String]) {
        #expect(DotEnvFile(text).variables == expected)
    }

    @Test func `tells its lines that are neither variables nor comments`() {
        #expect(DotEnvFile("# keys\n\nA=1\nno sign\r\n  # more\nB-C=2\n").unreadableLines == [4, 6])
    }

    @Test func `with such a line is mentioned by a check, by number only`() throws {
        try withFolder { folder in
            try FileManager.default.createDirectory(
                at: folder.appending(path: ".praisonai"), withIntermediateDirectories: true)
            try Data("A=1\nsk-secret\n".utf8).write(to: folder.appending(path: ".praisonai/.env"))
            let check = try ConfigurationCheck(
                ConfigurationSource(file: nil, environment: ["HOME": folder.path()]))
            let notice = check.report.notices.map(\.description).first { $0.contains(".env") }
            #expect(notice?.hasSuffix(".praisonai/.env:2:1: not NAME=value, so it says nothing") == true)
        }
    }
}

@Suite struct `the user's folder` {
    @Test(arguments: [("~", "/home/ada"), ("~/x", "/home/ada/x"), ("/x", "/x"), ("x", "x"), ("~x", "~x")])
    func `stands for a tilde`(path: String, expected: String) {
        #expect(UserFolder(environment: ["HOME": "/home/ada"]).resolve(path) == expected)
    }
}

/// Lends a folder that is gone afterwards.
func withFolder<Value>(_ body: (URL) throws -> Value) throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "praisonai-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
