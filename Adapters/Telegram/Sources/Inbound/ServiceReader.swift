import PraisonCore

/// Reads messages that say nothing themselves: joins, leaves, moves, titles, pins, topics, and kinds of content that
/// did not exist when this was written.
enum ServiceReader {
    static func read(_ message: JSONDocument, into inbound: inout InboundMessage) {
        if let target = message["migrate_to_chat_id"]?.integer {
            inbound.kind = .migration
            inbound.migratedTo = Conversation.ID(String(target))
        } else if let members = message["new_chat_members"], members.kind == .array {
            inbound.kind = .join
            inbound.text = members.elements.compactMap { Sender(user: $0)?.label }.joined(separator: ", ")
        } else if let member = message["left_chat_member"] {
            inbound.kind = .leave
            inbound.text = Sender(user: member)?.label ?? ""
        } else {
            readNamed(message, into: &inbound)
        }
    }

    private static func readNamed(_ message: JSONDocument, into inbound: inout InboundMessage) {
        let content = message.members.filter { !envelope.contains($0.name) && !$0.value.isNull }
        if let service = content.first(where: { services.contains($0.name) }) {
            inbound.kind = .service
            inbound.text = detail(service.value).map { "\(service.name): \($0)" } ?? service.name
            return
        }
        inbound.kind = .unsupported
        inbound.text = (body(of: message) ?? content.first)?.name ?? "empty message"
    }

    /// The first member of a kind that did not exist when this was written: what the message brings, we know not what.
    static func body(of message: JSONDocument) -> (name: String, value: JSONDocument)? {
        message.members.first { name, value in
            !envelope.contains(name) && !services.contains(name) && (value.kind == .object || value.kind == .array)
        }
    }

    private static func detail(_ value: JSONDocument) -> String? {
        switch value.kind {
        case .string, .number: value.scalarText
        case .object: value["name"]?.string ?? value["text"]?.string ?? value["caption"]?.string
        default: nil
        }
    }

    /// Members that say how and where, not what.
    private static let envelope: Set<String> = [
        "message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat", "sender_boost_count",
        "sender_business_bot", "date", "business_connection_id", "chat", "forward_origin", "is_topic_message",
        "is_automatic_forward", "reply_to_message", "external_reply", "quote", "reply_to_story",
        "reply_to_checklist_task_id", "via_bot", "edit_date", "has_protected_content", "is_from_offline",
        "is_paid_post", "media_group_id", "author_signature", "paid_star_count", "entities", "caption_entities",
        "link_preview_options", "suggested_post_info", "effect_id", "show_caption_above_media",
        "has_media_spoiler", "reply_markup", "forward_from", "forward_from_chat", "forward_from_message_id",
        "forward_signature", "forward_sender_name", "forward_date",
    ]

    private static let services: Set<String> = [
        "new_chat_title", "new_chat_photo", "delete_chat_photo", "group_chat_created", "supergroup_chat_created",
        "channel_chat_created", "message_auto_delete_timer_changed", "migrate_from_chat_id", "pinned_message",
        "successful_payment", "refunded_payment", "users_shared", "chat_shared", "gift", "unique_gift",
        "connected_website", "write_access_allowed", "passport_data", "proximity_alert_triggered", "boost_added",
        "chat_background_set", "checklist_tasks_done", "checklist_tasks_added", "direct_message_price_changed",
        "forum_topic_created", "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened",
        "general_forum_topic_hidden", "general_forum_topic_unhidden", "giveaway_created", "giveaway",
        "giveaway_winners", "giveaway_completed", "paid_message_price_changed", "suggested_post_approved",
        "suggested_post_approval_failed", "suggested_post_declined", "suggested_post_paid",
        "suggested_post_refunded", "video_chat_scheduled", "video_chat_started", "video_chat_ended",
        "video_chat_participants_invited", "web_app_data",
    ]
}
