import PraisonCore

/// Which of the optional fields a server is sent. It starts from what is known of the model and gives way, one field
/// at a time, when the server refuses one.
struct RequestDialect: Hashable, Sendable {
    enum LimitField: String {
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
    }

    var limitField: LimitField
    /// `nil` where the server refuses both.
    var sendsLimit = true
    var sendsTemperature: Bool
    var sendsStreamOptions = true
    var sendsStream = true
    /// Whether the model can look at pictures.
    var sendsImages: Bool
    /// Whether it can read files that are no text.
    var sendsFiles: Bool
    /// Whether the model can be offered tools.
    var sendsTools = true

    /// - Parameters:
    ///   - isOpenAI: whether the server is the inventor's own; most others know only the old `max_tokens`.
    ///   - takesFiles: whether the server's protocol has a place for files.
    init(model: String, isOpenAI: Bool, takesFiles: Bool = false) {
        let isReasoning = Self.isReasoning(model)
        limitField = isReasoning || isOpenAI ? .maxCompletionTokens : .maxTokens
        sendsTemperature = !isReasoning
        sendsImages = !Self.readsTextOnly(model)
        sendsFiles = takesFiles && sendsImages
    }

    /// Models that are known to be blind. Of all others the server tells, if it must.
    private static func readsTextOnly(_ model: String) -> Bool {
        let name = (model.split(separator: "/").last ?? "").lowercased()
        if name == "gpt-4" || name == "gpt-4-1106-preview" { return true }
        return ["gpt-3.5", "gpt-4-0", "gpt-4-32k", "o1-mini", "o3-mini", "deepseek", "codestral", "gpt-oss"].contains(
            where: name.hasPrefix)
    }

    /// The o-series and gpt-5, which refuse `max_tokens` and any temperature but their own.
    static func isReasoning(_ model: String) -> Bool {
        let name = (model.split(separator: "/").last ?? "").lowercased()
        if name.hasPrefix("gpt-5") { return !name.hasPrefix("gpt-5-chat") }
        if name.hasPrefix("codex-") { return true }
        guard name.hasPrefix("o"), let digit = name.dropFirst().first, digit.isASCII, digit.isNumber else {
            return false
        }
        let rest = name.dropFirst(2)
        return rest.isEmpty || rest.hasPrefix("-")
    }

    /// What is given up for a server.
    enum Concession {
        case field, images, files, tools
        /// Another turn has given up something meanwhile.
        case known
    }

    /// Gives up what a server complains about.
    ///
    /// - Returns: `nil` where there is nothing to give up, so that asking again makes no sense.
    mutating func giveWay(to rejection: ServerRejection, of request: ModelRequest) -> Concession? {
        let complaint = rejection.body.lowercased()
        if rejection.isAboutContent, let part = giveWayOnContent(complaint, request) { return part }
        return rejection.isAboutForm && giveWayOnField(complaint) ? .field : nil
    }

    private mutating func giveWayOnContent(_ complaint: String, _ request: ModelRequest) -> Concession? {
        // Groq's way to say that a message may be words only.
        let wantsWords = ["must be a string", "should be a valid string"].contains(where: complaint.contains)
        let (hasFiles, hasImages) = (
            request.messages.contains { !$0.files.isEmpty }, request.messages.contains { !$0.images.isEmpty }
        )
        if sendsFiles, hasFiles, wantsWords || Self.isAboutFiles(complaint) {
            sendsFiles = false
            return .files
        }
        if sendsImages, hasImages, wantsWords || Self.isAboutImages(complaint) {
            sendsImages = false
            return .images
        }
        let hasTools = !request.tools.isEmpty || request.messages.contains { !$0.toolCalls.isEmpty }
        if sendsTools, hasTools, Self.isAboutTools(complaint) {
            sendsTools = false
            return .tools
        }
        return nil
    }

    private mutating func giveWayOnField(_ complaint: String) -> Bool {
        let words = [
            "unsupported", "not support", "extra", "unrecognized", "unknown", "unexpected", "not permitted",
            "not allowed", "not accepted", "invalid", "not compatible", "additional propert", "only be set",
        ]
        guard words.contains(where: complaint.contains) else { return false }
        if sendsStreamOptions, complaint.contains("stream_options") || complaint.contains("include_usage") {
            sendsStreamOptions = false
        } else if sendsLimit, complaint.contains("max_tokens") || complaint.contains("max_completion_tokens") {
            return giveWayOnLimit(complaint)
        } else if sendsTemperature, complaint.contains("temperature") {
            sendsTemperature = false
        } else if sendsStream, complaint.contains("stream") {
            sendsStream = false
            sendsStreamOptions = false
        } else {
            return false
        }
        return true
    }

    /// Whether a server says that its model reads no pictures at all, rather than not this one.
    private static func isAboutImages(_ complaint: String) -> Bool {
        let subjects = ["image", "vision", "multimodal", "multi-modal", "mmproj"]
        let verdicts = [
            "not support", "unsupported", "unknown variant", "not a multimodal", "cannot read", "hint:",
            "no endpoints found that support", "only supported by certain models", "not enabled",
            "missing data required",
        ]
        return subjects.contains(where: complaint.contains) && verdicts.contains(where: complaint.contains)
            && !["format", "media type", "mime", "media_type"].contains(where: complaint.contains)
    }

    /// Whether a server says that its model reads no files at all, rather than not this one.
    private static func isAboutFiles(_ complaint: String) -> Bool {
        let subjects = ["file", "document", "pdf", "inline_data", "inlinedata", "content part", "content[].type"]
        let verdicts = [
            "not support", "unsupported", "unknown variant", "unknown part", "unrecognized", "invalid type",
            "does not match", "invalid value: 'file'",
        ]
        return subjects.contains(where: complaint.contains) && verdicts.contains(where: complaint.contains)
            && !["password", "encrypted", "too large", "pages", "mime", "format"].contains(where: complaint.contains)
    }

    /// Whether a server says that its model uses no tools at all, rather than not these, or not in this way. The last two
    /// are llama.cpp's and vLLM's words for a server that was started without them.
    private static func isAboutTools(_ complaint: String) -> Bool {
        [
            "not support tools", "not support tool use", "not support tool call", "not support function call",
            "no endpoints found that support tool use", "tools are not supported", "tool use is not supported",
            "tool calling is not supported", "function calling is not supported", "function calling is not enabled",
            "`tool calling` is not supported", "'tools' is not supported", "`tools` is not supported",
            "tools param requires --jinja",
            "--enable-auto-tool-choice",
        ].contains(where: complaint.contains)
    }

    /// The complaint may name both fields (“use max_completion_tokens instead”); the one sent is the one refused.
    private mutating func giveWayOnLimit(_ complaint: String) -> Bool {
        guard !hasSwappedLimit else {
            sendsLimit = false
            return true
        }
        guard complaint.contains(limitField.rawValue) else { return false }
        limitField = limitField == .maxTokens ? .maxCompletionTokens : .maxTokens
        hasSwappedLimit = true
        return true
    }

    private var hasSwappedLimit = false
}
