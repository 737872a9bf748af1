import Foundation
import PraisonCore
import PraisonSimulation
import PraisonTesting
import TelegramAdapter
import Testing

@testable import TelegramSimulator

@Suite(.timeLimit(.minutes(1))) struct `files to and from Telegram` {
    private let stage = SimulatedChannel()

    init() throws { try stage.api.say("hello", in: "1001") }

    @Test(arguments: [
        (Attachment.Kind.image, "sendPhoto"), (.video, "sendVideo"), (.audio, "sendAudio"), (.voice, "sendVoice"),
        (.animation, "sendAnimation"), (.sticker, "sendSticker"), (.document, "sendDocument"), (.other, "sendDocument"),
    ])
    func `go by the call made for their kind`(kind: Attachment.Kind, method: String) async throws {
        _ = try await stage.adapter.send(stage.message("", files: [stage.file(kind, "a.bin")]))
        #expect(stage.calls(method).count == 1)
        #expect(stage.sent.first?.files.first?.size == 10)
    }

    @Test func `carry the text as their caption, with entities`() async throws {
        _ = try await stage.adapter.send(
            stage.message("**look**", replyTo: "1", files: [stage.file(.document, "a.txt")]))
        let message = try #require(stage.sent.first)
        #expect(message.text == "look")
        #expect(message.replyTo == "1")
        #expect(message.extras["entities"] == [["type": "bold", "offset": 0, "length": 4]])
        #expect(stage.sent.count == 1)
    }

    @Test func `follow the text where it is too long for a caption`() async throws {
        let text = String(repeating: "long ", count: 300)
        _ = try await stage.adapter.send(stage.message(text, replyTo: "1", files: [stage.file(.image, "a.jpg")]))
        #expect(stage.sent.map(\.files.count) == [0, 1])
        #expect(stage.sent.map(\.replyTo) == ["1", nil])
    }

    @Test func `go together as albums of at most ten, each of what may stand together`() async throws {
        let photos = (1...12).map { stage.file($0.isMultiple(of: 5) ? .video : .image, "\($0).jpg") }
        let papers = (1...2).map { stage.file(.document, "\($0).pdf") }
        let receipt = try await stage.adapter.send(
            stage.message("holidays", files: photos + papers + [stage.file(.voice, "v.oga")]))
        #expect(stage.calls("sendMediaGroup").map { $0["media"]?.array?.count } == [10, 2, 2])
        #expect(stage.calls("sendVoice").count == 1)
        #expect(stage.sent.count == 15)
        #expect(stage.sent.filter { !$0.text.isEmpty }.map(\.id) == [receipt.id])
    }

    @Test func `that are photos too large for a photo go as documents`() async throws {
        _ = try await stage.adapter.send(stage.message("", files: [stage.file(.image, "a.jpg", size: 10 << 20 + 1)]))
        #expect(stage.calls("sendDocument").count == 1)
    }

    @Test(arguments: ["PHOTO_INVALID_DIMENSIONS", "IMAGE_PROCESS_FAILED"])
    func `that Telegram cannot show as photos go as documents`(refusal: String) async throws {
        try stage.refuse("Bad Request: \(refusal)", match: "sendPhoto")
        _ = try await stage.adapter.send(stage.message("plan", files: [stage.file(.image, "plan.png")]))
        #expect(stage.sent.map(\.text) == ["plan"])
        #expect(stage.sent.first?.files.first?.kind == .document)
    }

    @Test func `over what bots may send are refused at once`() async throws {
        let error = await #expect(throws: ChannelError.self) {
            try await stage.adapter.send(stage.message("", files: [stage.file(.document, "a.iso", size: 50 << 20 + 1)]))
        }
        #expect(error?.description.contains("a.iso has 52428801 bytes") == true)
        #expect(stage.calls("sendDocument").isEmpty)
    }

    @Test func `come from disk, but only files do`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "praison-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "notes.txt").path()
        try Data("some text".utf8).write(to: URL(filePath: path))
        let file = OutboundMessage.File(kind: .document, name: "notes.txt", source: .path(path))
        _ = try await stage.adapter.send(stage.message("", files: [file]))
        #expect(stage.sent.first?.files == [SimulatedMessage.File(kind: .document, name: "notes.txt", size: 9)])
        for path in [folder.path(), "/dev/zero", "\(path).none"] {
            let file = OutboundMessage.File(kind: .document, name: "x", source: .path(path))
            await #expect(throws: ChannelError.self, "\(path)") {
                try await stage.adapter.send(stage.message("", files: [file]))
            }
        }
    }

    @Test func `come by address, which Telegram fetches`() async throws {
        let file = OutboundMessage.File(kind: .document, name: "x", source: .url("https://example.org/paper.pdf"))
        _ = try await stage.adapter.send(stage.message("", files: [file]))
        #expect(stage.calls("sendDocument").first?["document"] == "https://example.org/paper.pdf")
        try stage.refuse("Bad Request: failed to get HTTP URL content")
        await #expect(throws: ChannelError.rejected(reason: "Bad Request: failed to get HTTP URL content")) {
            try await stage.adapter.send(stage.message("", files: [file]))
        }
    }

    @Test func `of which some arrived leave it open what to do`() async throws {
        try stage.refuse("Bad Request: chat not found", match: "sendVoice")
        let error = await #expect(throws: ChannelError.self) {
            try await stage.adapter.send(
                stage.message("", files: [stage.file(.document, "a.txt"), stage.file(.voice, "b.oga")]))
        }
        guard case .ambiguous = error else {
            Issue.record("half of it is there, and the error is \(error.map { "\($0)" } ?? "none")")
            return
        }
    }

    // MARK: Downloads

    private func attachment(_ kind: Attachment.Kind = .document, size: Int = 100) async throws -> Attachment {
        _ = try stage.api.simulator.say(
            SimulatedUtterance(
                "", files: [.init(kind: kind, name: "n.bin", content: Array(repeating: 7, count: size))]))
        return try await stage.channel.running { _ in
            await stage.channel.until { $0.messages.contains { !$0.attachments.isEmpty } }
            return try #require(stage.channel.recorder.snapshot.messages.last?.attachments.first)
        }
    }

    @Test func `are fetched only when asked for`() async throws {
        let attachment = try await attachment()
        #expect(stage.calls("getFile").isEmpty)
        #expect(try await stage.adapter.download(attachment, limit: 100).count == 100)
        #expect(stage.calls("getFile").count == 1)
    }

    @Test func `bring the largest of a photo's sizes`() async throws {
        let photo = try await attachment(.image, size: 5000)
        #expect(try await stage.adapter.download(photo, limit: 1 << 20).count == 5000)
    }

    @Test func `over the limit are not even asked for`() async throws {
        let attachment = try await attachment()
        await #expect(throws: ChannelError.rejected(reason: "the file has 100 bytes, more than the limit of 99")) {
            try await stage.adapter.download(attachment, limit: 99)
        }
        #expect(stage.calls("getFile").isEmpty)
    }

    @Test func `that are gone or unreachable say so`() async throws {
        let attachment = try await attachment()
        try stage.refuse("Not Found", code: 404, match: "file/")
        await #expect(throws: ChannelError.rejected(reason: "the file is not there any more")) {
            try await stage.adapter.download(attachment, limit: 100)
        }
        try stage.fault(.reset(afterwards: false), match: "file/")
        let error = await #expect(throws: ChannelError.self) {
            try await stage.adapter.download(attachment, limit: 100)
        }
        guard case .unavailable = error else {
            Issue.record("a download that was cut off is \(error.map { "\($0)" } ?? "there")")
            return
        }
        await #expect(throws: ChannelError.self) {
            try await stage.adapter.download(Attachment(kind: .location, title: "1,2"), limit: 100)
        }
    }

    @Test func `are not read from this machine's disk because a server says so`() async throws {
        let scripted = ScriptedAPI(clock: stage.api.clock)
        scripted.answer("getFile", .result(["file_id": "x", "file_path": "/etc/passwd"]))
        scripted.answer("getFile", .result(["file_id": "x", "file_path": "a/../../b"]))
        let adapter = try TestChannel(scripted, clock: stage.api.clock).adapter()
        for _ in 1...2 {
            await #expect(throws: ChannelError.self) {
                try await adapter.download(Attachment(kind: .document, reference: "x"), limit: 100)
            }
        }
    }
}
