import PraisonCore

/// How many tokens a text may take, without the model's own vocabulary.
enum TokenEstimate {
    /// Tokens that go with every message besides its text.
    private static let perMessage = 6
    /// About what a picture of common size takes; providers count between 85 and 1600.
    private static let perImage = 1200
    /// About what a page of a PDF takes, as text and as a picture.
    private static let perPage = 2000
    /// Bytes of a PDF that are about one page, and pages that providers read at most.
    private static let (pageSize, maximumPages) = (50 << 10, 100)

    /// Three bytes of UTF-8 for one token: more than English takes, about what Chinese does.
    static func tokens(of text: String) -> Int { (text.utf8.count + 2) / 3 }

    static func tokens(of tools: [ModelRequest.Tool]) -> Int {
        tools.reduce(0) { $0 + perMessage + tokens(of: $1.name + $1.description) + tokens(of: $1.parameters.text()) }
    }

    static func tokens(of messages: [ChatMessage]) -> Int {
        messages.reduce(0) { sum, message in
            let calls = message.toolCalls.reduce(0) { $0 + tokens(of: $1.name) + tokens(of: $1.arguments) + perMessage }
            return sum + perMessage + tokens(of: message.text) + calls + perImage * message.images.count
                + message.files.reduce(0) { $0 + perPage * min($1.bytes.count / pageSize + 1, maximumPages) }
        }
    }
}
