import PraisonCore

/// An adapter that speaks as its platform's does, and hears nothing by itself.
///
/// It hides what is only shown (typing, growing drafts): that depends on how long an answer takes, which would make
/// every replay different.
struct ReplayAdapter<Base: ChannelAdapter>: ChannelAdapter, DownloadsMedia {
    static var platform: Platform { Base.platform }
    static var capabilities: ChannelCapabilities { Base.capabilities }
    static var options: [ChannelOption] { Base.options }

    private let base: Base

    init(settings: ChannelSettings, context: ChannelContext) throws {
        base = try Base(settings: settings, context: context)
    }

    func run() async throws {
        // Nobody yields, so this ends with the task.
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        for await _ in stream {}
        continuation.finish()
    }

    func send(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt {
        try await base.send(message)
    }

    /// What any file is taken for: it isn't there, and whoever answers looks at none.
    func download(_ attachment: Attachment, limit: Int) async throws(ChannelError) -> [UInt8] {
        switch attachment.kind {
        case .document where attachment.mimeType == "application/pdf": Array("%PDF-1.7".utf8)
        case .image, .sticker: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        default: []
        }
    }

    static func events(in payload: JSONDocument, for receiver: Receiver) -> [GatewayEvent] {
        Base.events(in: payload, for: receiver)
    }

    static func problems(in payload: JSONDocument, for receiver: Receiver) -> [String] {
        Base.problems(in: payload, for: receiver)
    }
}

extension ChannelAdapter {
    /// The adapter as it is in replays.
    static var replaying: any ChannelAdapter.Type { ReplayAdapter<Self>.self }
}
