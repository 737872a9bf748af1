import PraisonCore
import PraisonGateway
import PraisonSimulation
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct `what comes with a message` {
    private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 1, 2, 3]

    /// What an agent is shown of a message with these attachments.
    private func shown(_ attachments: [PraisonCore.Attachment], maxBytes: Int = 20 << 20) async throws -> ChatMessage {
        let scene = try Scene()
        let seen = Mutex<ChatMessage?>(nil)
        let agent = FakeAgent { turn, _ in
            seen.withLock { $0 = turn.input.first }
            return Reply(text: "ok")
        }
        var channel = ChannelSettings.make()
        channel.maxInboundMediaBytes = maxBytes
        try await scene.withHub(channels: [channel], agents: [agent], adapter: MediaAdapter.init) { hub, journal in
            try await hub.accept([.said("look", 1, attachments: attachments)])
            #expect(try await journal.settled("house/1").status == .answered)
        }
        return try #require(seen.withLock { $0 })
    }

    @Test func `is fetched where a model can look at it`() async throws {
        let message = try await shown([
            .init(kind: .image, reference: "png"),
            .init(kind: .document, reference: "text", fileName: "notes.txt", mimeType: "text/plain"),
            .init(kind: .document, reference: "png", fileName: "shot.png", mimeType: "image/png"),
            .init(kind: .video, reference: "film"), .init(kind: .location, title: "52.5,13.4"),
        ])
        let picture = InlineImage(mimeType: "image/png", bytes: Self.png)
        #expect(message.images == [picture, picture])
        #expect(message.documents == [InlineDocument(name: "notes.txt", text: "hello")])
        #expect(message.attachments.count == 5)
        #expect(message.text == "look\n[the video can't be read: videos are not looked at]")
    }

    @Test func `is read in the characters it was written in, and told of where it is no text`() async throws {
        let message = try await shown([
            .init(kind: .document, reference: "notepad", fileName: "list.csv"),
            .init(kind: .document, reference: "png", fileName: "shot.txt"),
            .init(kind: .document, reference: "zeros", fileName: "dump.log"),
        ])
        #expect(message.documents == [InlineDocument(name: "list.csv", text: "Käse;3 €")])
        #expect(message.images.count == 1)
        #expect(message.text == "look\n[the file dump.log can't be read: it is no text]")
    }

    @Test func `is handed on as a file where it is a PDF, and told of where it can't be`() async throws {
        let message = try await shown(
            [
                .init(kind: .document, reference: "pdf", fileName: "a [b]\n.pdf", mimeType: "application/pdf"),
                .init(kind: .document, reference: "pdf", fileName: "big.pdf", size: 2000),
                .init(kind: .document, reference: "gone", fileName: "gone.PDF"),
                .init(kind: .document, reference: "text", fileName: "no.pdf"),
                .init(kind: .document, reference: "pdf", fileName: "x.docx"),
            ], maxBytes: 1000)
        #expect(
            message.files == [InlineFile(name: "a b .pdf", mimeType: "application/pdf", bytes: Array("%PDF-1.4".utf8))])
        #expect(
            message.text == """
                look
                [the file big.pdf can't be read: it is larger than 1000 bytes]
                [the file gone.PDF can't be read: it could not be fetched]
                [the file no.pdf can't be read: it is no PDF]
                [the file x.docx can't be read: it is neither text, a PDF nor a picture (PNG, JPEG, GIF, WebP)]
                """)
    }

    @Test func `stays words when it can't be fetched, is too large or is no picture`() async throws {
        let message = try await shown(
            [
                .init(kind: .image, reference: "gone"), .init(kind: .image, reference: "png", size: 2000),
                .init(kind: .image, reference: "text"),
            ], maxBytes: 1000)
        #expect(message.images.isEmpty && message.documents.isEmpty)
        #expect(message.attachments.count == 3)
        #expect(
            message.text == """
                look
                [the picture can't be read: it could not be fetched]
                [the picture can't be read: it is larger than 1000 bytes]
                [the picture can't be read: it is no picture of a known kind (PNG, JPEG, GIF, WebP)]
                """)
    }

    @Test func `is told of where a voice message can't be written down`() async throws {
        let message = try await shown([.init(kind: .voice, reference: "text", mimeType: "audio/ogg")])
        #expect(message.text == "look\n(a voice message that could not be written down)")
    }

    @Test func `is written down where somebody speaks, and remembered in words`() async throws {
        let scene = try Scene()
        let gate = Gate()
        gate.open()
        let voice = PraisonCore.Attachment(kind: .voice, reference: "text", mimeType: "audio/ogg")
        try await scene.withHub(
            agents: [gate.agent()], adapter: MediaAdapter.init, transcriber: FakeTranscriber()
        ) { hub, journal in
            try await hub.accept([.said("", 1, attachments: [voice])])
            _ = try await journal.settled("house/1")
            try await hub.accept([.said("two", 2)])
            _ = try await journal.settled("house/2")
        }
        #expect(gate.turns[0].input.map(\.text) == ["what hello says"])
        #expect(gate.turns[1].history.first?.text == "what hello says")
    }

    @Test func `is fetched in moderation`() async throws {
        let message = try await shown((1...20).map { _ in .init(kind: .image, reference: "png") })
        #expect(message.images.count == 8)
        #expect(message.text == "look\n[12 more attachments not looked at: there are too many at once]")
    }
}

/// Has files to fetch.
private struct MediaAdapter: FakeAdapter, DownloadsMedia {
    let stage: FakePlatform
    init(_ stage: FakePlatform) { self.stage = stage }

    func download(_ attachment: PraisonCore.Attachment, limit: Int) async throws(ChannelError) -> [UInt8] {
        switch attachment.reference {
        case "png": [0x89, 0x50, 0x4E, 0x47, 1, 2, 3]
        case "text": Array("hello".utf8)
        case "notepad": [0xFF, 0xFE] + "Käse;3 €".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        case "zeros": [1, 0, 0, 0, 2]
        case "pdf": Array("%PDF-1.4".utf8)
        default: throw .rejected(reason: "gone")
        }
    }
}

private struct FakeTranscriber: Transcriber {
    func text(of recording: Recording, by settings: SpeechSettings) async throws -> String {
        "what \(String(decoding: recording.bytes, as: UTF8.self)) says"
    }
}
