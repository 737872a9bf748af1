import Logging
import PraisonCore

/// Speaks: one message in one call, or as the answer to a command that waits.
///
/// Source: https://docs.discord.com/developers/resources/message#create-message
struct MessageSender: Sendable {
    static let textLimit = 2000

    let api: DiscordAPI
    let context: ChannelContext
    let account: BotAccount
    let interactions: InteractionBook

    func send(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt {
        if message.text.isEmpty, message.files.isEmpty, let event = message.answers {
            return try await endWaiting(for: event, message)
        }
        let parcels = try Parcel.parcels(of: message)
        if let claim = await interactions.claim(message.answers, key: message.key),
            let receipt = try await answer(claim.interaction, isFirst: claim.isFirst, parcels, message)
        {
            return receipt
        }
        var first: MessageReceipt?
        for (index, parcel) in parcels.enumerated() {
            // A repeat of all of them is harmless: those that arrived are known by their nonce.
            let receipt = try await post(parcel, of: message, part: index)
            first = first ?? receipt
        }
        guard let first else { throw .malformed(reason: "a message without text and files") }
        return first
    }

    func edit(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt {
        guard let id = message.replaces else { return try await send(message) }
        do {
            var body: [String: JSONValue] = [
                "content": .string(Self.content(of: message)), "allowed_mentions": Self.nobody,
            ]
            body["components"] = message.buttons.map(Parcel.components)
            let result = try await api.call(
                .editMessage(id.rawValue, in: message.conversation.channelNumber), .object(body), asker: message.key)
            return Self.receipt(result, or: id)
        } catch {
            // 10008: there is no such message; 50005: it is somebody else's.
            guard error.code == 10008 || error.code == 50005 else { throw error.channelError(for: context.channel) }
            var fresh = message
            fresh.replaces = nil
            return try await send(fresh)
        }
    }

    // MARK: Messages

    private func post(
        _ parcel: Parcel, of message: OutboundMessage, part: Int
    ) async throws(ChannelError) -> MessageReceipt {
        var body = parcel.body
        // The same for every attempt: within some minutes Discord answers a repeat with the first message.
        body["nonce"] = .string(Self.nonce(of: message.key, part: part, context.cryptography))
        body["enforce_nonce"] = true
        if part == 0, let replyTo = message.replyTo, Snowflake(replyTo.rawValue) != nil {
            body["message_reference"] = ["message_id": .string(replyTo.rawValue), "fail_if_not_exists": false]
        }
        let route = DiscordRoute.createMessage(in: message.conversation.channelNumber)
        do {
            return Self.receipt(try await transmit(route, body, parcel, asker: message.key), or: nil)
        } catch {
            // 50035 is for everything that is wrong with a request; here it may be the reply.
            guard error.code == 50035, error.text.contains("message_reference"), body["message_reference"] != nil else {
                throw error.channelError(for: context.channel)
            }
            context.logger.notice("sending once more without the reply", metadata: ["reason": "\(error)"])
        }
        body["message_reference"] = nil
        do {
            return Self.receipt(try await transmit(route, body, parcel, asker: message.key), or: nil)
        } catch {
            throw error.channelError(for: context.channel)
        }
    }

    private func transmit(
        _ route: DiscordRoute, _ body: [String: JSONValue], _ parcel: Parcel, asker: String,
        hiding secret: Secret? = nil
    ) async throws(DiscordAPIError) -> JSONDocument {
        guard !parcel.files.isEmpty else {
            return try await api.call(route, .object(body), asker: asker, hiding: secret)
        }
        var form = MultipartForm(entropy: context.entropy)
        form.add("payload_json", .object(body))
        for (index, file) in parcel.files.enumerated() {
            form.add("files[\(index)]", fileName: file.name, mimeType: file.mimeType, content: file.content)
        }
        return try await api.upload(route, form, asker: asker, hiding: secret)
    }

    // MARK: Commands that wait

    /// Nothing is said to a command, such as one from somebody who may not give any: its waiting sign goes.
    private func endWaiting(
        for event: EventID, _ message: OutboundMessage
    ) async throws(ChannelError) -> MessageReceipt {
        let receipt = MessageReceipt(id: MessageID(event.rawValue))
        guard let (interaction, isFirst) = await interactions.claim(event, key: message.key) else { return receipt }
        if isFirst {
            let token = interaction.token
            do {
                try await api.call(
                    .deleteResponse(of: application(of: interaction), token: token.reveal()), asker: message.key,
                    hiding: token)
            } catch {
                guard error.isAbsence || error.code == 50027 else { throw error.channelError(for: context.channel) }
            }
        }
        interactions.forget(interaction.id)
        return receipt
    }

    private func application(of interaction: PendingInteraction) -> String {
        interaction.application.isEmpty ? account.identity?.application ?? "" : interaction.application
    }

    /// - Returns: `nil` when the waiting command is gone, and the message has to go the usual way.
    private func answer(
        _ interaction: PendingInteraction, isFirst: Bool, _ parcels: [Parcel], _ message: OutboundMessage
    ) async throws(ChannelError) -> MessageReceipt? {
        let (application, token) = (application(of: interaction), interaction.token)
        var receipt: MessageReceipt?
        for (index, parcel) in parcels.enumerated() {
            // Overwriting the waiting sign twice shows once; a follow-up that is repeated would show twice.
            let route: DiscordRoute =
                isFirst && index == 0
                ? .editResponse(of: application, token: token.reveal())
                : .followUp(of: application, token: token.reveal())
            do {
                let result = try await transmit(route, parcel.body, parcel, asker: message.key, hiding: token)
                receipt = receipt ?? Self.receipt(result, or: nil)
            } catch {
                guard receipt == nil, error.isAbsence || error.code == 50027 else {
                    throw error.channelError(for: context.channel)
                }
                interactions.forget(interaction.id)
                return nil
            }
        }
        return receipt
    }

    // MARK: Shapes

    /// Nobody is pinged by what a model writes.
    static let nobody: JSONValue = ["parse": [], "replied_user": false]

    /// What people will see; never longer than the limit, where the text itself is not.
    static func content(of message: OutboundMessage) -> String {
        let rendered =
            message.format == .markdown
            ? DiscordMarkdown.rendered(message.text) : DiscordMarkdown.escaped(message.text)
        return rendered.unicodeScalars.count <= textLimit ? rendered : message.text
    }

    /// 24 of the 25 characters a nonce may have.
    static func nonce(of key: String, part: Int, _ cryptography: any Cryptography) -> String {
        let seed = part == 0 ? key : "\(key)/part/\(part)"
        return String(cryptography.sha256(Array(seed.utf8)).hexadecimal.prefix(24))
    }

    static func receipt(_ message: JSONDocument, or id: MessageID?) -> MessageReceipt {
        let number = message["id"]?.string ?? id?.rawValue ?? ""
        return MessageReceipt(id: MessageID(number), timestamp: Snowflake(number)?.timestamp)
    }
}
