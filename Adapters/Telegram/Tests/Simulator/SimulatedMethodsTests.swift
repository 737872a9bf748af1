import PraisonCore
import PraisonSimulation
import Testing

@testable import TelegramSimulator

@Suite(.timeLimit(.minutes(1))) struct `less common methods of the simulated Bot API` {
    private let api = SimulatedAPI()
    private let group: JSONValue = -1_002_000_000_001

    init() throws {
        try api.say("hello", in: "1001")
        try api.say("hello", in: "family", scope: .group)
    }

    private func sent(_ method: String, _ parameters: [String: JSONValue]) async throws -> JSONValue {
        try await api.call(method, parameters.merging(["chat_id": 1001]) { own, _ in own })
    }

    // MARK: Messages

    @Test func `forward and copy several messages, leaving out what is gone`() async throws {
        let ids: JSONValue = [1, 77]
        let parameters: [String: JSONValue] = ["from_chat_id": 1001, "message_ids": ids]
        #expect(try await sent("forwardMessages", parameters) == [["message_id": 2]])
        #expect(try await sent("copyMessages", parameters) == [["message_id": 3]])
        #expect(api.simulator.sent.map(\.text) == ["hello", "hello"])
        let none: [String: JSONValue] = ["chat_id": 1001, "from_chat_id": 1001, "message_ids": [77]]
        #expect(try await api.refusal("copyMessages", none) == "Bad Request: there are no messages to copy")
    }

    @Test func `change the medium of a message`() async throws {
        let first = try await sent("sendPhoto", ["photo": "http://files.invalid/a.jpg", "caption": "old"])
        let media: JSONValue = [
            "type": "document", "media": "http://files.invalid/b.pdf", "caption": "*new*", "parse_mode": "MarkdownV2",
        ]
        let id = try #require(first["message_id"])
        let edited = try await sent("editMessageMedia", ["message_id": id, "media": media])
        #expect(edited["document"]?["file_name"] == "b.pdf")
        #expect(edited["photo"]?.array == nil)
        #expect(edited["caption"] == "new")
        #expect(api.simulator.sent.first?.files.map(\.name) == ["b.pdf"])
    }

    @Test func `stop a poll once`() async throws {
        let poll = try await sent("sendPoll", ["question": "why?", "options": ["a", "b"]])
        let stop: [String: JSONValue] = ["chat_id": 1001, "message_id": try #require(poll["message_id"])]
        #expect(try await api.call("stopPoll", stop)["is_closed"] == true)
        #expect(try await api.refusal("stopPoll", stop) == "Bad Request: poll has already been closed")
    }

    @Test func `move a live location until it is stopped`() async throws {
        let place = try await sent("sendLocation", ["latitude": 1, "longitude": 2, "live_period": 600])
        let id = try #require(place["message_id"])
        let moved = try await sent("editMessageLiveLocation", ["message_id": id, "latitude": 3, "longitude": 4])
        #expect(moved["location"]?["latitude"]?.double == 3)
        #expect(try await sent("stopMessageLiveLocation", ["message_id": id])["location"]?["live_period"]?.int == nil)
        let late: [String: JSONValue] = ["chat_id": 1001, "message_id": id, "latitude": 3, "longitude": 4]
        #expect(try await api.refusal("editMessageLiveLocation", late) == "Bad Request: message can't be edited")
    }

    // MARK: The bot and its chats

    @Test func `remember what a bot says of itself`() async throws {
        #expect(try await api.call("getMyName") == ["name": "Sim"])
        #expect(try await api.call("getMyDescription") == ["description": ""])
        try await api.call("setMyName", ["name": "Robo"])
        try await api.call("setMyShortDescription", ["short_description": "kurz", "language_code": "de"])
        #expect(try await api.call("getMyName", ["language_code": "de"]) == ["name": "Robo"])
        #expect(
            try await api.call("getMyShortDescription", ["language_code": "de"]) == ["short_description": "kurz"])
        let long: [String: JSONValue] = ["name": .string(String(repeating: "a", count: 65))]
        #expect(try await api.refusal("setMyName", long) == "Bad Request: name is too long")
    }

    @Test func `remember the menu button of each chat`() async throws {
        #expect(try await api.call("getChatMenuButton") == ["type": "commands"])
        try await api.call("setChatMenuButton", ["chat_id": 1001, "menu_button": ["type": "default"]])
        #expect(try await api.call("getChatMenuButton", ["chat_id": 1001]) == ["type": "default"])
        #expect(try await api.call("getChatMenuButton") == ["type": "commands"])
    }

    @Test func `make links into groups only`() async throws {
        let link = try await api.call("createChatInviteLink", ["chat_id": group, "name": "friends"])
        #expect(link["name"] == "friends")
        #expect(link["creator"]?["username"] == "sim_bot")
        let revoke: [String: JSONValue] = ["chat_id": group, "invite_link": try #require(link["invite_link"])]
        #expect(try await api.call("revokeChatInviteLink", revoke)["is_revoked"] == true)
        #expect(
            try await api.call("exportChatInviteLink", ["chat_id": group]).string?.hasPrefix("https://t.me/+") == true)
        #expect(try await api.refusal("exportChatInviteLink", ["chat_id": 1001]).hasPrefix("Bad Request: "))
    }

    @Test func `answer in the documented shape where nothing is played`() async throws {
        #expect(try await api.call("getUserProfilePhotos", ["user_id": 1001]) == ["total_count": 0, "photos": []])
        #expect(try await api.call("setChatPermissions", ["chat_id": group, "permissions": [:]]) == true)
        #expect(try await api.call("getMyDefaultAdministratorRights")["can_manage_chat"] == false)
        #expect(
            try await api.refusal("answerInlineQuery", ["inline_query_id": "1", "results": []]).hasPrefix(
                "Bad Request: query is too old"))
    }

    @Test func `say so where nothing is played that Telegram would do`() async throws {
        #expect(
            try await api.refusal("sendPaidMedia", ["chat_id": 1001])
                == "Bad Request: the simulator does not play sendPaidMedia")
    }

    // MARK: What is said of media

    @Test func `show a recording as its sender describes it`() async throws {
        let audio = try await sent(
            "sendAudio", ["audio": "http://files.invalid/a.mp3", "duration": 7, "title": "t", "performer": "p"])
        #expect(audio["audio"]?["duration"] == 7)
        #expect(audio["audio"]?["title"] == "t")
        #expect(audio["audio"]?["performer"] == "p")
        let video = try await sent(
            "sendVideo", ["video": "http://files.invalid/a.mp4", "duration": 8, "width": 10, "height": 20])
        #expect(video["video"]?["duration"] == 8)
        #expect(video["video"]?["width"] == 10)
        #expect(video["video"]?["height"] == 20)
        #expect(
            try await sent("sendVoice", ["voice": "http://files.invalid/a", "duration": 9])["voice"]?["duration"] == 9)
    }

    @Test(arguments: [
        ("sendDocument", "document", "song.mp3", "audio/mpeg"), ("sendDocument", "document", "film.MP4", "video/mp4"),
        ("sendDocument", "document", "thing", "application/octet-stream"), ("sendVoice", "voice", "a.ogg", "audio/ogg"),
        ("sendVideo", "video", "thing", "video/mp4"), ("sendAudio", "audio", "a.flac", "audio/flac"),
    ])
    func `tell the type of an upload from its name`(
        method: String, field: String, name: String, type: String
    ) async throws {
        var request = HTTPRequest(.post, "/bot\(api.token)/\(method)?chat_id=1001")
        request.headers["Content-Type"] = "multipart/form-data; boundary=xyz"
        request.body = Array(
            ("--xyz\r\nContent-Disposition: form-data; name=\"\(field)\"; filename=\"\(name)\"\r\n"
                + "Content-Type: application/octet-stream\r\n\r\nbytes\r\n--xyz--\r\n").utf8)
        let response = await api.simulator.respond(to: request)
        let message = try JSONDocument(parsing: response.bytes)["result"]
        #expect(message?[dynamic: field]?["mime_type"]?.string == type)
    }
}
