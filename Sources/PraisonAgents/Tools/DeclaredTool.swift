import PraisonCore

/// A tool that is a request to a server, written in gateway.yaml.
struct RequestTool: Tool {
    private let settings: ToolSettings
    private let method: HTTPRequest.Method
    private let url: Template
    private let headers: [ToolSettings.Header]
    private let http: any HTTPClient

    /// - Returns: `nil` where the settings describe another kind of tool.
    init?(_ settings: ToolSettings, http: any HTTPClient) {
        guard case .http(let method, let url, let headers) = settings.action else { return nil }
        self.settings = settings
        self.method = method
        self.url = Template(url)
        self.headers = headers
        self.http = http
    }

    var definition: ModelRequest.Tool { settings.definition }
    var timeLimit: Duration { settings.timeout }

    func run(_ arguments: JSONDocument, for turn: Turn) async throws -> String {
        try ArgumentCheck.check(arguments, against: settings.parameters)
        var rest = arguments.members
        let target = try url.filled { name in
            guard let index = rest.firstIndex(where: { $0.name == name }) else { return nil }
            // In a path nothing may mean more than itself: no `/`, no `?`, no `..`.
            return PathEncoding.encode(rest.remove(at: index).value.plainText)
        }
        var request = HTTPRequest(
            method, target,
            headers: ["User-Agent": "praisonai", "Accept": "application/json, text/*;q=0.9, */*;q=0.1"],
            limits: HTTPLimits(
                connect: .seconds(5), firstByte: settings.timeout, idle: settings.timeout, total: settings.timeout,
                bodySize: 4 << 20))
        for header in headers { request.headers.append(name: header.name, value: header.value.reveal()) }
        if [.post, .put, .patch].contains(method) {
            request.headers["Content-Type"] = "application/json"
            request.body = JSONValue.object(Dictionary(rest.map { ($0.name, $0.value.value) }) { _, last in last })
                .bytes()
        } else if !rest.isEmpty {
            let query = FormEncoding.encode(rest.map { (name: $0.name, value: $0.value.plainText) })
            request.target += (target.contains("?") ? "&" : "?") + query
        }
        let response: HTTPResponse
        do {
            response = try await http.execute(request)
        } catch {
            try Task.checkCancellation()
            throw ToolError("the server can't be asked: \(error.detail)")
        }
        let text = ToolRunner.cut(String(decoding: response.bytes, as: UTF8.self), to: settings.maxOutput)
        guard (200..<300).contains(response.status) else {
            throw ToolError("the server answered with status \(response.status): \(text)")
        }
        return text.isEmpty ? "done (status \(response.status), no content)" : text
    }
}

/// A tool that is a program of this machine, written in gateway.yaml.
///
/// The program never sees a shell: each argument is one argument, whatever is in it.
struct CommandTool: Tool {
    /// What one run may take at most, besides its time.
    private static let limits = ProgramStart.Limits(
        cpuSeconds: 60, memoryBytes: 4 << 30, fileBytes: 256 << 20, openFiles: 256)

    private let settings: ToolSettings
    private let command: [Template]
    private let environment: [String: String]
    private let launcher: any ProcessLauncher

    /// - Returns: `nil` where the settings describe another kind of tool.
    init?(_ settings: ToolSettings, launcher: any ProcessLauncher, path: String) {
        guard case .command(let command) = settings.action else { return nil }
        self.settings = settings
        self.command = command.map(Template.init)
        self.launcher = launcher
        environment = ProgramEnvironment.make(path: path, settings.environment)
    }

    var definition: ModelRequest.Tool { settings.definition }
    var timeLimit: Duration { settings.timeout }

    func run(_ arguments: JSONDocument, for turn: Turn) async throws -> String {
        try ArgumentCheck.check(arguments, against: settings.parameters)
        let words = try self.command.enumerated().map { index, template in
            try word(of: template, arguments, isProgram: index == 0)
        }
        try checkPlaces(words)
        let command = words.compactMap { $0 }
        var limits = Self.limits
        limits.cpuSeconds = min(60, Int(settings.timeout.inSeconds.rounded(.up)))
        let start = ProgramStart(command: command, environment: environment, limits: limits)
        let maximum = settings.maxOutput
        do {
            return try await launcher.withProcess(start) { process in
                await process.closeInput()
                async let errors = Self.text(process.errors, upTo: 4 << 10)
                let output = try await Self.text(process.output, upTo: maximum)
                // A program that has more to say than anybody reads is not waited for.
                let status = output.isWhole ? await process.exit() : 0
                guard status == 0 else {
                    let said = try await errors.text.trimmed
                    throw ToolError("the program ended with \(status)" + (said.isEmpty ? "" : ": \(said)"))
                }
                if output.text.trimmed.isEmpty { return "done, without output" }
                return output.isWhole ? output.text : output.text + "\n[cut: the output is longer]"
            }
        } catch let error as ProcessError {
            throw ToolError(error.description)
        }
    }

    /// `nil` for a word with an argument that is left out, which takes all of it with it.
    private func word(of template: Template, _ arguments: JSONDocument, isProgram: Bool) throws -> String? {
        guard let names = template.names else { return template.text }
        guard names.allSatisfy({ arguments[dynamic: $0] != nil }) else { return nil }
        let word = try template.filled { arguments[dynamic: $0]?.plainText }
        guard !word.utf8.contains(0) else { throw ToolError("an argument holds a zero byte") }
        // What a model writes must be a value, never an option of the program.
        guard isProgram || !word.hasPrefix("-") || template.text.hasPrefix("-") else {
            throw ToolError("an argument must not begin with -")
        }
        return word
    }

    /// Options may be left out anywhere, other words at the end only: the next would be taken for them.
    private func checkPlaces(_ words: [String?]) throws {
        var missing: String?
        for (word, template) in zip(words, command) where !template.text.hasPrefix("-") {
            if word == nil {
                missing = missing ?? template.names?.first
            } else if let missing {
                throw ToolError("\(missing) is missing")
            }
        }
    }

    private static func text(_ stream: HTTPBodyStream, upTo limit: Int) async throws -> (text: String, isWhole: Bool) {
        var bytes: [UInt8] = []
        for try await piece in stream {
            bytes += piece
            if bytes.count > limit { return (String(decoding: bytes.prefix(limit), as: UTF8.self), false) }
        }
        return (String(decoding: bytes, as: UTF8.self), true)
    }
}

/// What programs are given instead of the gateway's environment, which is full of keys.
enum ProgramEnvironment {
    static func make(path: String, _ own: [ToolSettings.Header]) -> [String: String] {
        var environment = ["PATH": path, "LANG": "C.UTF-8", "HOME": "/nonexistent"]
        for variable in own { environment[variable.name] = variable.value.reveal() }
        return environment
    }
}

extension ToolSettings {
    fileprivate var definition: ModelRequest.Tool {
        ModelRequest.Tool(name: name, description: description, parameters: parameters)
    }
}

extension JSONDocument {
    /// A string's characters; anything else as JSON.
    fileprivate var plainText: String { string ?? String(decoding: rawBytes, as: UTF8.self) }
}

/// Text with `{name}` in it.
struct Template: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    /// The names in it, `nil` where there are none.
    var names: [String]? {
        let names = text.split(separator: "{", omittingEmptySubsequences: false).dropFirst().compactMap {
            part -> String? in
            guard let end = part.firstIndex(of: "}") else { return nil }
            let name = String(part[..<end])
            return Self.isName(name) ? name : nil
        }
        return names.isEmpty ? nil : names
    }

    func filled(_ value: (String) throws -> String?) throws -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "{") {
            result += rest[..<start]
            rest = rest[start...]
            guard let end = rest.firstIndex(of: "}"), case let name = String(rest[rest.index(after: start)..<end]),
                Self.isName(name)
            else {
                result.append("{")
                rest = rest.dropFirst()
                continue
            }
            guard let value = try value(name) else { throw ToolError("\(name) is missing") }
            result += value
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) || $0 == 0x5F
            }
    }
}

/// One segment of a path.
enum PathEncoding {
    static func encode(_ text: String) -> String {
        // `.` and `..` alone would lead somewhere else, encoded or not.
        if text == "." || text == ".." { return "_" }
        var result = ""
        for byte in text.utf8 {
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
                || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~")].contains(byte)
            if isPlain {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }
}
