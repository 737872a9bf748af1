/// One thing to say about a configuration file, at the place it is about.
public struct ConfigurationProblem: Error, Hashable, Sendable, Comparable, CustomStringConvertible {
    public enum Severity: String, Hashable, Sendable, CaseIterable {
        /// The gateway does not start before it is mended.
        case error
        /// A channel does not run, and this is why.
        case off
        /// The key is right, but this version does not act on it yet.
        case notYetInEffect = "not yet in effect"
        /// The key is known, and this gateway will not act on it.
        case notOffered = "not offered"
        /// It works; it could be written better.
        case advice
    }

    public var severity: Severity
    public var file: String
    /// ``SourcePlace/outside`` for what stands in no file.
    public var place: SourcePlace
    /// The key concerned from the root of the file (`channels.telegram.token`); empty when there is none.
    public var path: String
    /// What is wrong, and what would put it right.
    public var message: String
    /// What was probably meant.
    public var suggestion: String?
    /// The change that puts it right without doubt, if there is one.
    public var edit: Edit?

    /// A piece of one line and what to write in its stead.
    public struct Edit: Hashable, Sendable {
        public var place: SourcePlace
        public var old: String
        public var new: String

        public init(place: SourcePlace, old: String, new: String) {
            self.place = place
            self.old = old
            self.new = new
        }
    }

    public init(
        _ severity: Severity = .error, file: String, place: SourcePlace, path: String = "", message: String,
        suggestion: String? = nil, edit: Edit? = nil
    ) {
        self.severity = severity
        self.file = file
        self.place = place
        self.path = path
        self.message = message
        self.suggestion = suggestion
        self.edit = edit
    }

    /// `file:line:column: path: message; did you mean …?`
    public var description: String {
        let start = place == .outside ? file : "\(file):\(place)"
        // Keys are free text; what they hold must not reach a terminal raw.
        let path = excerpt(path, limit: 200)
        let question = suggestion.map { "; did you mean \($0)?" } ?? ""
        return (path.isEmpty ? "\(start): \(message)" : "\(start): \(path): \(message)") + question
    }

    /// By file, then by place, then by what they say.
    public static func < (left: Self, right: Self) -> Bool {
        (left.file, left.place.line, left.place.column, left.path, left.message)
            < (right.file, right.place.line, right.place.column, right.path, right.message)
    }
}
