import PraisonCore

/// Answers of methods behind which nothing is played, always the same.
///
/// Source: https://core.telegram.org/bots/api#available-methods
enum FixedAnswer {
    /// By method. What is only set is answered `true`, since nobody looks at what it would change; what is asked for is
    /// empty.
    static let values: [String: JSONValue] = {
        var values: [String: JSONValue] = [
            "getUserProfilePhotos": ["total_count": 0, "photos": []],
            "getUserProfileAudios": ["total_count": 0, "audios": []],
            "getUserChatBoosts": ["boosts": []], "getForumTopicIconStickers": [], "getCustomEmojiStickers": [],
            "getAvailableGifts": ["gifts": []], "getMyStarBalance": ["amount": 0],
            "getStarTransactions": ["transactions": []], "getUserGifts": ["total_count": 0, "gifts": []],
            "getChatGifts": ["total_count": 0, "gifts": []],
            "getMyDefaultAdministratorRights": .object(
                rights.reduce(into: ["is_anonymous": false]) { $0[$1] = false }),
        ]
        for name in accepted { values[name] = true }
        return values
    }()

    private static let accepted = [
        "logOut", "close", "setMyDefaultAdministratorRights", "setMyProfilePhoto", "removeMyProfilePhoto",
        "setUserEmojiStatus", "pinChatMessage", "unpinChatMessage", "unpinAllChatMessages", "banChatMember",
        "unbanChatMember", "restrictChatMember", "promoteChatMember", "setChatAdministratorCustomTitle",
        "setChatMemberTag", "banChatSenderChat", "unbanChatSenderChat", "setChatPermissions", "setChatPhoto",
        "deleteChatPhoto", "setChatTitle", "setChatDescription", "setChatStickerSet", "deleteChatStickerSet",
        "editForumTopic", "closeForumTopic", "reopenForumTopic", "deleteForumTopic", "unpinAllForumTopicMessages",
        "editGeneralForumTopic", "closeGeneralForumTopic", "reopenGeneralForumTopic", "hideGeneralForumTopic",
        "unhideGeneralForumTopic", "unpinAllGeneralForumTopicMessages", "approveChatJoinRequest",
        "declineChatJoinRequest", "setPassportDataErrors",
    ]

    /// Source: https://core.telegram.org/bots/api#chatadministratorrights
    static let rights = [
        "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
        "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
        "can_delete_stories", "can_send_welcome_messages",
    ]

    /// What would often succeed at Telegram. A 404 would be worse: libraries take it for a wrong token.
    private static let notPlayed = [
        "answerChatJoinRequestQuery", "answerGuestQuery", "approveSuggestedPost", "createNewStickerSet",
        "declineSuggestedPost", "deleteAllMessageReactions", "deleteEphemeralMessage", "deleteMessageReaction",
        "editEphemeralMessageCaption", "editEphemeralMessageMedia", "editEphemeralMessageReplyMarkup",
        "editEphemeralMessageText", "getManagedBotAccessSettings", "getManagedBotToken", "getUserPersonalChatMessages",
        "giftPremiumSubscription", "replaceManagedBotToken", "savePreparedInlineMessage", "savePreparedKeyboardButton",
        "sendChatJoinRequestWebApp", "sendPaidMedia", "sendRichMessage", "sendRichMessageDraft",
        "setManagedBotAccessSettings", "uploadStickerFile",
    ]

    /// What there is nothing here for: queries nobody asked, sets nobody made, business nobody connected.
    static let refusals: [String: String] = {
        let oldQuery = "query is too old and response timeout expired or query ID is invalid"
        var refusals = [
            "answerInlineQuery": oldQuery, "answerShippingQuery": oldQuery, "answerPreCheckoutQuery": oldQuery,
            "answerWebAppQuery": "QUERY_ID_INVALID", "sendInvoice": "PAYMENT_PROVIDER_INVALID",
            "createInvoiceLink": "PAYMENT_PROVIDER_INVALID", "refundStarPayment": "CHARGE_ID_INVALID",
            "editUserStarSubscription": "CHARGE_ID_INVALID", "sendGame": "wrong game short name specified",
            "setGameScore": "message to set game score not found",
            "getGameHighScores": "message to get game high scores not found", "sendGift": "STARGIFT_INVALID",
        ]
        for name in [
            "getStickerSet", "addStickerToSet", "replaceStickerInSet", "setStickerSetTitle", "setStickerSetThumbnail",
            "setCustomEmojiStickerSetThumbnail", "deleteStickerSet", "deleteStickerFromSet", "setStickerEmojiList",
            "setStickerKeywords", "setStickerMaskPosition", "setStickerPositionInSet",
        ] {
            refusals[name] = "STICKERSET_INVALID"
        }
        for name in [
            "getBusinessConnection", "readBusinessMessage", "deleteBusinessMessages", "setBusinessAccountName",
            "setBusinessAccountUsername", "setBusinessAccountBio", "setBusinessAccountProfilePhoto",
            "removeBusinessAccountProfilePhoto", "getBusinessAccountStarBalance", "getBusinessAccountGifts",
            "setBusinessAccountGiftSettings", "transferBusinessAccountStars", "convertGiftToStars", "upgradeGift",
            "transferGift", "sendChecklist", "editMessageChecklist", "postStory", "repostStory", "editStory",
            "deleteStory",
        ] {
            refusals[name] = "business connection not found"
        }
        for name in ["verifyUser", "verifyChat", "removeUserVerification", "removeChatVerification"] {
            refusals[name] = "BOT_VERIFIER_FORBIDDEN"
        }
        for name in notPlayed { refusals[name] = "the simulator does not play \(name)" }
        return refusals
    }()
}
