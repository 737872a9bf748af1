public import PraisonCore

/// Has recordings written down by any server that offers OpenAI's transcription endpoint.
///
/// Source: https://platform.openai.com/docs/api-reference/audio/createTranscription
public struct SpeechClient: Transcriber {
    private static let defaultBase = "https://api.openai.com/v1"
    private static let defaultModel = "whisper-1"

    private let environment: [String: String]
    private let http: any HTTPClient
    private let entropy: any Entropy

    /// - Parameter environment: `OPENAI_API_KEY` and `OPENAI_BASE_URL` are read.
    public init(environment: [String: String], http: any HTTPClient, entropy: any Entropy) {
        self.environment = environment
        self.http = http
        self.entropy = entropy
    }

    public func text(of recording: Recording, by settings: SpeechSettings) async throws -> String {
        let own = settings.baseURL?.trimmed
        let base = own ?? environment["OPENAI_BASE_URL"]?.trimmed ?? ""
        // The environment's key is for the environment's server.
        let key = settings.apiKey?.reveal() ?? (own == nil ? environment["OPENAI_API_KEY"]?.trimmed : nil)
        guard let endpoint = ServerEndpoint(baseURL: base.isEmpty ? Self.defaultBase : base) else {
            throw SpeechError("stt.base_url is not an address")
        }
        guard key?.isEmpty == false || endpoint.host != "api.openai.com" else {
            throw SpeechError("no key: set OPENAI_API_KEY, or stt.api_key")
        }
        let boundary = "praisonai-\(entropy.uuid())"
        var request = HTTPRequest(
            .post, endpoint.urls(of: ["audio", "transcriptions"], version: "v1")[0],
            headers: [
                "Content-Type": "multipart/form-data; boundary=\(boundary)", "User-Agent": "praisonai",
                "Accept": "application/json",
            ],
            body: Self.form(recording, settings, boundary),
            limits: HTTPLimits(firstByte: .seconds(120), idle: .seconds(30), total: .seconds(150), bodySize: 1 << 20))
        if let key, !key.isEmpty { request.headers["Authorization"] = "Bearer \(key)" }
        let response: HTTPResponse
        do {
            response = try await http.execute(request)
        } catch {
            try Task.checkCancellation()
            throw SpeechError("\(endpoint.host): \(error.detail)")
        }
        guard (200..<300).contains(response.status) else {
            throw SpeechError("\(endpoint.host) answered with status \(response.status)")
        }
        guard let answer = try? JSONDocument(parsing: response.bytes), let text = answer["text"]?.string else {
            throw SpeechError("\(endpoint.host) answered with something that is no transcription")
        }
        return text.trimmed
    }

    private static func form(_ recording: Recording, _ settings: SpeechSettings, _ boundary: String) -> [UInt8] {
        var fields = [("model", settings.model?.trimmed ?? defaultModel), ("response_format", "json")]
        if let language = settings.language?.trimmed, !language.isEmpty { fields.append(("language", language)) }
        var body: [UInt8] = []
        for (name, value) in fields {
            body += Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
        }
        let name = recording.fileName.filter { !$0.isNewline && !"\"\\".contains($0) }
        let type = recording.mimeType.filter { !$0.isWhitespace }
        body += Array(
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\nContent-Type: \(type)\r\n\r\n"
                .utf8)
        return body + recording.bytes + Array("\r\n--\(boundary)--\r\n".utf8)
    }
}

/// Why a recording can't be written down.
struct SpeechError: Error, Hashable, Sendable, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
