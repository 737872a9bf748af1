/// Writes down what is said in a recording.
public protocol Transcriber: Sendable {
    /// - Throws: `CancellationError`, or an error whose description is for the log and holds no secret.
    func text(of recording: Recording, by settings: SpeechSettings) async throws -> String
}

/// Sound in memory.
public struct Recording: Hashable, Sendable {
    public var bytes: [UInt8]
    /// Servers go by its ending.
    public var fileName: String
    public var mimeType: String

    public init(bytes: [UInt8], fileName: String, mimeType: String) {
        self.bytes = bytes
        self.fileName = fileName
        self.mimeType = mimeType
    }
}

/// A channel's `stt:` block.
public struct SpeechSettings: Hashable, Sendable {
    public var isOn: Bool
    public var model: String?
    /// ISO 639-1; found out when `nil`.
    public var language: String?
    public var baseURL: String?
    public var apiKey: Secret?

    public init(
        isOn: Bool = true, model: String? = nil, language: String? = nil, baseURL: String? = nil, apiKey: Secret? = nil
    ) {
        self.isOn = isOn
        self.model = model
        self.language = language
        self.baseURL = baseURL
        self.apiKey = apiKey
    }
}
