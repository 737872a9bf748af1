import Foundation
import PraisonCore
import Testing

@testable import PraisonConfig

@Suite struct `a repair` {
    private func repair(_ text: String) -> (text: String, changes: [String]) {
        let repair = ConfigurationRepair(of: Array(text.utf8)) { bytes in
            ConfigurationLoader.make(["TOKEN": "1:x"]).load(yaml: bytes, file: "gateway.yaml")
        }
        return (String(decoding: repair.bytes, as: UTF8.self), repair.changes.map(\.description))
    }

    @Test func `renames misspelled keys and values and leaves every other byte alone`() {
        let (text, changes) = repair(
            "\u{FEFF}# Grüße  \r\nagents:\r\n  suport: { 'instrctions': \"é\" }   # ok \r\n"
                + "channels:\r\n  telegram:\r\n    token: ${TOKEN}\r\n    routing: {default: suport, dm: \"supprt\"}\r\n"
                + "    group_policy: 'mention-only'\r\n\r\n")
        #expect(
            text == "\u{FEFF}# Grüße  \r\nagents:\r\n  suport: { 'instructions': \"é\" }   # ok \r\n"
                + "channels:\r\n  telegram:\r\n    token: ${TOKEN}\r\n    routing: {default: suport, dm: \"suport\"}\r\n"
                + "    group_policy: 'mention_only'\r\n\r\n")
        #expect(
            changes == [
                "line 3: instructions instead of instrctions", "line 7: suport instead of supprt",
                "line 8: mention_only instead of mention-only",
            ])
    }

    @Test func `never tells a token`() {
        let (text, changes) = repair("agents: {a: {api_key: sk-secret, modle: x}}\n")
        #expect(text.contains("api_key: sk-secret, model: x"))
        #expect(changes == ["line 1: model instead of modle"])
    }

    @Test func `makes no key that is there already, whatever is wrong with that one`() {
        let text = "agents:\n  a:\n    temprature: 0.5\n    temperature: hot\n"
        #expect(repair(text).text == text)
    }

    @Test func `turns tabs into spaces where something else is wrong too, and mends that`() {
        let (text, changes) = repair("agents:\n\ta:\n\t\tinstrctions: x\n")
        #expect(text == "agents:\n  a:\n    instructions: x\n")
        #expect(
            changes == [
                "line 2: 2 spaces instead of a tab", "line 3: 4 spaces instead of 2 tabs",
                "line 3: instructions instead of instrctions",
            ])
    }

    @Test func `mends a misspelled section and what is misspelled in it`() throws {
        let text = String(decoding: try Fixtures.bytes("misspelled-sections.yaml"), as: UTF8.self)
        #expect(
            repair(text).text == """
                agents:
                  support: {instructions: help, model: 5}
                channels:
                  telegram:
                    token: "1:x"
                    routing: {default: support}
                schedules:
                  hello: {agent: support, prompt: "Hi", cron: "0 9 * * *"}

                """)
    }

    @Test func `leaves a good file as it is`() {
        let text = "agents:\n  a: {instructions: hello}\n"
        #expect(repair(text).text == text)
        #expect(repair(text).changes.isEmpty)
    }

    @Test func `does not turn two misspellings into one key twice`() {
        let (text, changes) = repair("agents: {a: {}}\ngateway:\n  prot: 1\n  porrt: 2\n")
        #expect(text == "agents: {a: {}}\ngateway:\n  port: 1\n  porrt: 2\n")
        #expect(changes.count == 1)
    }

    @Test func `leaves what needs a decision to the person`() {
        let text = "agents: {a: {}, b: {}}\nchannels:\n  telegram: {token: x, routing: {default: zebra}}\n"
        #expect(repair(text).text == text)
    }

    @Test func `turns tabs into as many spaces as the other lines have`() {
        #expect(
            repair("agents:\n\ta:\n\t\tinstructions: x\nprovider:\n    model: m\n").text
                == "agents:\n    a:\n        instructions: x\nprovider:\n    model: m\n")
        #expect(repair("agents:\n\ta:\n\t\tinstructions: x\n").text == "agents:\n  a:\n    instructions: x\n")
    }

    @Test func `leaves tabs mixed with spaces to the person`() {
        let text = "agents:\n  a:\n \tinstructions: x\n\t\tmodel: m\n"
        #expect(repair(text).text == text)
    }

    @Test func `does not touch the anchor that a misspelled alias means`() {
        let text = "x-p: &p mention_onyl\nagents: {a: {}}\nchannels:\n  telegram: {token: x, group_policy: *p}\n"
        #expect(repair(text).text == text)
    }

    @Test func `keeps a copy, the file's mode and a symbolic link`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "repair-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (file, link) = (folder.appending(path: "real.yaml"), folder.appending(path: "gateway.yaml"))
        try Data("old".utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file.path)
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: file)

        let first = try RepairedFile.save(Array("new".utf8), over: link.path, original: Array("old".utf8))
        let second = try RepairedFile.save(Array("newer".utf8), over: link.path, original: Array("new".utf8))

        #expect(first.hasSuffix("/real.yaml.bak"))
        #expect(second.hasSuffix("/real.yaml.bak.1"))
        #expect(try String(contentsOfFile: first, encoding: .utf8) == "old")
        #expect(try String(contentsOfFile: second, encoding: .utf8) == "new")
        #expect(try String(contentsOf: file, encoding: .utf8) == "newer")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == file.path)
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect(attributes[.posixPermissions] as? Int == 0o640)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 4)
    }

    @Test func `says what the system refused`() {
        #expect(throws: RepairedFile.Failure.self) {
            try RepairedFile.save([], over: "/nowhere/at/all.yaml", original: [])
        }
    }
}
