import Logging
import PraisonCore

/// Asks people in their chats whether a tool may run, and takes their answers: the buttons of ``present(_:)``, or
/// `/approve` and `/deny`.
///
/// The question is put where the tool is used if whoever uses it may answer; else in private to those who may.
actor ChatApprovals: ApprovalPresenter {
    /// People who are asked about one use of a tool.
    private static let maximumAsked = 3
    private static let maximumAttempts = 5
    /// Characters of a request's identifier that people type.
    private static let shortLength = 6

    /// A question people can see.
    private struct Question {
        var message: OutboundMessage
        var id: MessageID
    }

    private let desk: ApprovalDesk
    nonisolated let rules: ApprovalRules
    private let board: ChannelBoard
    private let addresses: AddressBook
    private let outbox: Outbox
    private let journal: any CursorStore
    private let clock: any GatewayClock
    private let logger: Logger
    private var questions: [ApprovalRequest.ID: [Question]] = [:]
    private var homes: [String: Conversation.ID] = [:]

    init(
        _ desk: ApprovalDesk, rules: ApprovalRules, board: ChannelBoard, addresses: AddressBook, outbox: Outbox,
        journal: any CursorStore, clock: any GatewayClock, logger: Logger
    ) {
        self.desk = desk
        self.rules = rules
        self.board = board
        self.addresses = addresses
        self.outbox = outbox
        self.journal = journal
        self.clock = clock
        self.logger = logger
    }

    // MARK: Asking

    func present(_ request: ApprovalRequest) async {
        let conversation = addresses.current(request.conversation)
        guard conversation.channel != .gateway,
            rules.desks[conversation.channel]?.settings.approvals.asksInChat == true
        else { return }
        if rules.mayAnswer(request.sender.id, on: conversation.channel, request) {
            return await ask(request, in: conversation, number: 0)
        }
        let approvers = rules.approvers(on: conversation.channel).prefix(Self.maximumAsked)
        for (number, person) in approvers.enumerated() {
            await ask(request, in: await home(of: person, on: conversation.channel), number: number)
        }
        let isAsked = !(questions[request.id] ?? []).isEmpty
        let words =
            isAsked
            ? "I need permission to use \(request.tool), and have asked for it."
            : "I need permission to use \(request.tool). Whoever runs this bot can give it on its control plane."
        await send(
            OutboundMessage(key: "approval/\(request.id)", conversation: conversation, text: words, format: .plain))
    }

    private func ask(_ request: ApprovalRequest, in conversation: Conversation, number: Int) async {
        let short = Self.short(request.id)
        let time = (request.expiresAt - request.askedAt).inWords
        var message = OutboundMessage(
            key: "approval/\(request.id)/\(number)", conversation: conversation,
            text: """
                \(Self.words(for: request))

                /approve \(short) lets it, /deny \(short) does not. Without an answer within \(time) it does not.
                """, format: .plain)
        message.buttons = [
            .init(label: "Approve", data: "/approve \(request.id)"), .init(label: "Deny", data: "/deny \(request.id)"),
        ]
        if let id = await send(message) {
            questions[request.id, default: []].append(Question(message: message, id: id))
        }
    }

    /// The arguments are data: they are shown letter by letter, on one line.
    private static func words(for request: ApprovalRequest) -> String {
        "\(request.words), on behalf of \(name(of: request.sender)) in \(request.conversation.key)"
    }

    /// Sends at once: the question does not outlive the process, and is put anew when its turn runs again.
    @discardableResult
    private func send(_ message: OutboundMessage) async -> MessageID? {
        for attempt in 1...Self.maximumAttempts {
            guard !Task.isCancelled, let adapter = board.speaker(of: message.conversation.channel) else { return nil }
            do {
                return try await adapter.send(message).id
            } catch {
                let wait: Duration
                switch error {
                case .rateLimited(let retryAfter): wait = retryAfter
                case .unavailable: wait = .seconds(1 << attempt)
                default:
                    logger.warning("a question for approval was not sent", metadata: ["error": "\(error)"])
                    return nil
                }
                try? await clock.sleep(for: wait)
            }
        }
        return nil
    }

    func withdraw(_ request: ApprovalRequest, _ decision: ApprovalDecision?) async {
        let end =
            switch decision {
            case .allowed(let by)?: "Approved by \(by)."
            case .denied(let by, let reason)?: "Denied by \(by)" + (reason.map { ": \($0)" } ?? ".")
            case .expired?: "Nobody answered in time, so it does not."
            case nil: "The turn was stopped; there is nothing to answer any more."
            }
        var edits: [OutboundMessage] = []
        for question in questions.removeValue(forKey: request.id) ?? []
        where board.adapter(of: question.message.conversation.channel) is any EditsMessages {
            var message = question.message
            message.key += "/end"
            message.text = Self.words(for: request) + "\n\n" + end
            message.replaces = question.id
            message.buttons = []
            edits.append(message)
        }
        // By the outbox, since the turn may be stopped already, and a call of our own with it.
        do { try await outbox.send(edits) } catch {
            logger.debug("a question for approval still looks open", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Answers

    /// What `/approve` or `/deny` comes to, in words for whoever gives it; `nil` where they see it anyway.
    ///
    /// - Parameter arguments: the question's identifier, or its beginning, where there is more than one; then `always`, or
    ///   why not.
    func answer(
        isApproved: Bool, _ arguments: String, by sender: Sender, in conversation: Conversation, isButton: Bool
    ) async throws -> String? {
        let open = await desk.pending.filter { rules.mayAnswer(sender.id, on: conversation.channel, $0) }
        let words = arguments.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
        var (meant, rest) = (open, words.joined(separator: " "))
        if let word = words.first, isButton || Self.isIdentifier(word) {
            meant = open.filter { $0.id.hasPrefix(word.lowercased()) }
            rest = words.count > 1 ? words[1] : ""
        }
        guard let request = meant.first else { return "Nothing waits for your answer; perhaps it came too late." }
        let command = isApproved ? "approve" : "deny"
        guard meant.count == 1, !isApproved || ["", "always"].contains(rest.lowercased()) else {
            let lines = meant.prefix(10).map { "/\(command) \(Self.short($0.id)) – \($0.words)" }
            return "Please say which:\n" + lines.joined(separator: "\n")
        }
        let name = Self.name(of: sender)
        let decision: ApprovalDecision =
            isApproved ? .allowed(by: name) : .denied(by: name, reason: rest.isEmpty ? nil : String(rest.prefix(200)))
        guard await desk.resolve(request.id, decision) != nil else { return "That has been answered already." }
        if isApproved, !rest.isEmpty { return try await grant(request, sender, conversation) }
        let isShown = isButton && board.adapter(of: conversation.channel) is any EditsMessages
        return isShown ? nil : isApproved ? "Approved: \(request.tool)." : "Denied: \(request.tool)."
    }

    /// Whether a word is meant to name a question: an old one must never answer another that is open now.
    private static func isIdentifier(_ word: String) -> Bool {
        word.count >= shortLength && word.allSatisfy { $0.isHexDigit || $0 == "-" }
    }

    /// Only those who run the bot may say yes once and for all.
    private func grant(_ request: ApprovalRequest, _ sender: Sender, _ conversation: Conversation) async throws
        -> String
    {
        guard rules.desks[conversation.channel]?.policy.isAdministrator(sender.id) == true else {
            return "Approved: \(request.tool), this time. Once and for all only an administrator may."
        }
        try await desk.allowList.add(request.tool, agent: request.agent, approver: Self.name(of: sender))
        return "Approved: \(request.agent) may use \(request.tool) from now on without asking."
    }

    private static func short(_ id: ApprovalRequest.ID) -> String { String(id.prefix(shortLength)) }

    /// On one line, and never without the identifier: what people call themselves proves nothing.
    private static func name(of sender: Sender) -> String {
        let shown = (sender.displayName ?? sender.username ?? "").filter { !$0.isNewline }.prefix(64)
        return shown.isEmpty ? sender.id.rawValue : "\(shown) (\(sender.id))"
    }

    // MARK: Where people are at home

    /// Notes where somebody can be asked in private.
    func met(_ sender: SenderID, in conversation: Conversation) async {
        let key = Self.key(sender, conversation.channel)
        guard conversation.scope == .dm, homes[key] != conversation.id else { return }
        do {
            if try await journal.cursor(key) != conversation.id.rawValue {
                try await journal.save(conversation.id.rawValue, for: key)
            }
            homes[key] = conversation.id
        } catch {
            logger.debug("cannot note a chat", metadata: ["error": "\(error)"])
        }
    }

    /// The private chat with somebody: where they wrote from last; else, as on most platforms, the one called after them.
    private func home(of person: SenderID, on channel: ChannelName) async -> Conversation {
        let key = Self.key(person, channel)
        var known = homes[key]
        if known == nil { known = try? await journal.cursor(key).map { Conversation.ID($0) } }
        return Conversation(channel: channel, id: known ?? Conversation.ID(person.rawValue), scope: .dm)
    }

    private static func key(_ person: SenderID, _ channel: ChannelName) -> String {
        "approval-home/\(channel)/\(person)"
    }
}
