import PraisonCore

/// What is wrong with a request to the control API, for the person who wrote it.
public struct SimulatorControlError: Error, Hashable, Sendable, CustomStringConvertible {
    public var problem: String
    public init(_ problem: String) { self.problem = problem }
    public var description: String { problem }
}

/// An object in a request to the control API, read member by member with errors that name the member.
struct ControlRequest {
    /// Where the object is: `say`, `say: files[0]`.
    private let place: String
    private let document: JSONDocument

    init(_ endpoint: String, _ request: HTTPRequest) throws(SimulatorControlError) {
        let body = request.body.isEmpty ? Array("{}".utf8) : request.body
        do {
            document = try JSONDocument(parsing: body)
        } catch {
            throw SimulatorControlError("\(endpoint): the body is not JSON: \(error)")
        }
        place = endpoint
        guard document.kind == .object else { throw SimulatorControlError("\(endpoint): the body must be an object") }
    }

    /// Parameters of a URL, where numbers are written as they are.
    init(_ endpoint: String, query: [(name: String, value: String)]) throws(SimulatorControlError) {
        var members: [String: JSONValue] = [:]
        for (name, value) in query {
            let number = (try? JSONDocument(parsing: value)).flatMap { $0.kind == .number ? $0.value : nil }
            members[name] = number ?? .string(value)
        }
        try self.init(endpoint, HTTPRequest(.get, "/", body: JSONValue.object(members).bytes()))
    }

    private init(place: String, document: JSONDocument) {
        self.place = place
        self.document = document
    }

    var payload: JSONDocument { document }

    /// Refuses members nobody would read, which are most often misspelled.
    func allow(_ names: [String]) throws(SimulatorControlError) {
        for member in document.members where !names.contains(member.name) {
            throw problem(member.name, "is not known here; there are \(names.joined(separator: ", "))")
        }
    }

    func problem(_ name: String, _ words: String) -> SimulatorControlError {
        SimulatorControlError("\(place): \(name) \(words)")
    }

    /// A string, or a number as it is written: identifiers are spelled either way.
    func text(_ name: String) throws(SimulatorControlError) -> String? {
        guard let member = document[dynamic: name] else { return nil }
        guard member.kind != .bool, let text = member.scalarText else { throw problem(name, "must be a string") }
        return text
    }

    func required(_ name: String) throws(SimulatorControlError) -> String {
        guard let text = try text(name), !text.isEmpty else { throw problem(name, "is missing") }
        return text
    }

    /// Where something can be delivered over HTTP.
    func address(_ name: String) throws(SimulatorControlError) -> String {
        let text = try required(name)
        let scheme = ["http://", "https://"].first { text.lowercased().hasPrefix($0) }
        guard let scheme, let first = text.dropFirst(scheme.count).first, first != "/",
            !text.contains(where: \.isWhitespace)
        else { throw problem(name, "must be an address such as http://127.0.0.1:8765/webhooks/main") }
        return text
    }

    func choice(_ name: String, of choices: [String]) throws(SimulatorControlError) -> String? {
        guard let text = try text(name) else { return nil }
        guard choices.contains(text) else {
            throw problem(name, "is \"\(text)\", which is none of \(choices.joined(separator: ", "))")
        }
        return text
    }

    func bool(_ name: String) throws(SimulatorControlError) -> Bool? {
        guard let member = document[dynamic: name] else { return nil }
        guard let value = member.bool else { throw problem(name, "must be true or false") }
        return value
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(SimulatorControlError) -> Int? {
        guard let member = document[dynamic: name] else { return nil }
        guard let value = member.int, range.contains(value) else {
            throw problem(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func seconds(_ name: String) throws(SimulatorControlError) -> Double? {
        guard let member = document[dynamic: name] else { return nil }
        guard let value = member.double, (0...86_400).contains(value) else {
            throw problem(name, "must be a number of seconds from 0 to 86400")
        }
        return value
    }

    /// A member that may hold anything.
    func value(_ name: String) -> JSONDocument? { document[dynamic: name] }

    func list(_ name: String) throws(SimulatorControlError) -> [ControlRequest] {
        guard let member = document[dynamic: name] else { return [] }
        guard member.kind == .array else { throw problem(name, "must be a list") }
        return member.elements.enumerated().map { ControlRequest(place: "\(place): \(name)[\($0)]", document: $1) }
    }
}
