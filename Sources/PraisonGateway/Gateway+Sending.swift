public import PraisonCore

extension Gateway: MessageSender {
    public func send(_ text: String, to conversation: Conversation, key: String) async throws {
        guard let channel = channels.first(where: { $0.name == conversation.channel }) else {
            let known = channels.filter { $0.offReason == nil }.map(\.name.rawValue).joined(separator: ", ")
            throw MessageSenderError("there is no channel \(conversation.channel); there is \(known)")
        }
        guard channel.offReason == nil, let adapter = board.adapter(of: channel.name) else {
            throw MessageSenderError("the channel \(channel.name) is off")
        }
        let pieces = TextSplitter(type(of: adapter).capabilities).pieces(of: text)
        try await outbox.send(
            pieces.enumerated().map { index, piece in
                OutboundMessage(key: "\(key)/\(index)", conversation: conversation, text: piece)
            })
    }
}
