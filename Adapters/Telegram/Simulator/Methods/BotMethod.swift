import PraisonCore

/// A call with what it needs to be carried out.
struct Invocation {
    let call: BotCall
    let bot: Int64
    let now: Timestamp
    let uptime: Duration
    /// What was fetched for parameters that were addresses.
    var fetched: [String: BotCall.Upload] = [:]
}

/// The methods of the Bot API this simulator knows, apart from `getUpdates`, which waits.
///
/// Source: https://core.telegram.org/bots/api#available-methods
enum BotMethod {
    typealias Body = @Sendable (inout World, Invocation) throws(BotRefusal) -> JSONValue

    /// By name in lower case.
    static let all: [String: Body] = {
        var methods: [String: Body] = [:]
        func add(_ name: String, _ body: @escaping Body) { methods[name.lowercased()] = body }
        add("getMe") { world, call throws(BotRefusal) in try world.me(call) }
        add("sendMessage") { world, call throws(BotRefusal) in try world.sendMessage(call) }
        for form in MediaForm.all {
            add(form.method) { world, call throws(BotRefusal) in try world.sendMedia(form, call) }
        }
        add("sendMediaGroup") { world, call throws(BotRefusal) in try world.sendMediaGroup(call) }
        for card in CardForm.allCases {
            add(card.method) { world, call throws(BotRefusal) in try world.sendCard(card, call) }
        }
        add("sendChatAction") { world, call throws(BotRefusal) in try world.sendChatAction(call) }
        add("sendMessageDraft") { world, call throws(BotRefusal) in try world.sendMessageDraft(call) }
        add("forwardMessage") { world, call throws(BotRefusal) in try world.copy(call, isForward: true) }
        add("copyMessage") { world, call throws(BotRefusal) in try world.copy(call, isForward: false) }
        add("forwardMessages") { world, call throws(BotRefusal) in try world.copyAll(call, isForward: true) }
        add("copyMessages") { world, call throws(BotRefusal) in try world.copyAll(call, isForward: false) }
        add("editMessageText") { world, call throws(BotRefusal) in try world.editText(call) }
        add("editMessageCaption") { world, call throws(BotRefusal) in try world.editCaption(call) }
        add("editMessageMedia") { world, call throws(BotRefusal) in try world.editMedia(call) }
        add("editMessageLiveLocation") { world, call throws(BotRefusal) in
            try world.editLiveLocation(call, stops: false)
        }
        add("stopMessageLiveLocation") { world, call throws(BotRefusal) in
            try world.editLiveLocation(call, stops: true)
        }
        add("stopPoll") { world, call throws(BotRefusal) in try world.stopPoll(call) }
        add("editMessageReplyMarkup") { world, call throws(BotRefusal) in try world.editReplyMarkup(call) }
        add("deleteMessage") { world, call throws(BotRefusal) in try world.deleteMessage(call) }
        add("deleteMessages") { world, call throws(BotRefusal) in try world.deleteMessages(call) }
        add("setMessageReaction") { world, call throws(BotRefusal) in try world.setReaction(call) }
        add("answerCallbackQuery") { world, call throws(BotRefusal) in try world.answerCallback(call) }
        add("getFile") { world, call throws(BotRefusal) in try world.getFile(call) }
        add("getChat") { world, call throws(BotRefusal) in try world.getChat(call) }
        add("getChatMember") { world, call throws(BotRefusal) in try world.getChatMember(call) }
        add("getChatMemberCount") { world, call throws(BotRefusal) in try world.getChatMemberCount(call) }
        add("getChatAdministrators") { world, call throws(BotRefusal) in try world.getChatAdministrators(call) }
        add("leaveChat") { world, call throws(BotRefusal) in try world.leaveChat(call) }
        add("createForumTopic") { world, call throws(BotRefusal) in try world.createTopic(call) }
        add("setMyCommands") { world, call throws(BotRefusal) in try world.setCommands(call) }
        add("getMyCommands") { world, call throws(BotRefusal) in try world.commands(call) }
        add("deleteMyCommands") { world, call throws(BotRefusal) in try world.deleteCommands(call) }
        add("setWebhook") { world, call throws(BotRefusal) in try world.setWebhook(call) }
        add("deleteWebhook") { world, call throws(BotRefusal) in try world.deleteWebhook(call) }
        add("getWebhookInfo") { world, call throws(BotRefusal) in try world.webhookInfo(call) }
        for text in World.ProfileText.allCases {
            add("setMy\(text.method)") { world, call throws(BotRefusal) in try world.setProfile(text, call) }
            add("getMy\(text.method)") { world, call throws(BotRefusal) in try world.profile(text, call) }
        }
        add("setChatMenuButton") { world, call throws(BotRefusal) in try world.setMenuButton(call) }
        add("getChatMenuButton") { world, call throws(BotRefusal) in try world.menuButton(call) }
        for name in ["createChat", "editChat", "createChatSubscription", "editChatSubscription"] {
            add("\(name)InviteLink") { world, call throws(BotRefusal) in try world.inviteLink(call) }
        }
        add("revokeChatInviteLink") { world, call throws(BotRefusal) in try world.inviteLink(call, isRevoked: true) }
        add("exportChatInviteLink") { world, call throws(BotRefusal) in try world.primaryLink(call) }
        for (name, answer) in FixedAnswer.values { add(name) { _, _ throws(BotRefusal) in answer } }
        for (name, reason) in FixedAnswer.refusals {
            add(name) { _, _ throws(BotRefusal) in throw .badRequest(reason) }
        }
        return methods
    }()
}
