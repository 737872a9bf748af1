import PraisonCore

/// One key of gateway.yaml: what may stand after it and what becomes of it.
public struct Setting: Hashable, Sendable {
    public var name: String
    /// Other words for the same key.
    public var aliases: [String]
    public var kind: Kind
    /// The default as it would be written in YAML; `nil` for none.
    public var defaultValue: String?
    /// What a number counts.
    public var unit: String?
    /// One line for people.
    public var summary: String
    public var status: Status

    public enum Status: Hashable, Sendable {
        case inEffect
        /// Checked like any other key; a later version acts on it.
        case notYetInEffect
        /// Known, and without effect here for good.
        case notOffered(reason: String, alternative: String?)

        static func notOffered(_ absence: PlatformDescription.Absence) -> Status {
            .notOffered(reason: absence.reason, alternative: absence.alternative)
        }
    }

    public indirect enum Kind: Hashable, Sendable {
        case text
        /// Text or a whole number: what platforms call their users and chats.
        case identifier
        /// A number of US dollars, taken with all its digits.
        case amount
        /// Text that is never shown, or `{source: env|file, id: …}`.
        case secret
        case boolean
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        case choice([String])
        /// A path of this machine; a relative one is meant from the folder of the file, `~` from the user's home.
        case path
        /// `http://…` or `https://…`
        case url
        /// A list of words, or one text with commas.
        case names
        /// The same, each of them one of these.
        case choices([String])
        case list(Kind)
        case block(SettingBlock)
        /// Freely named entries of one kind.
        case map(Kind)
        /// The same, where the names are secrets and never shown.
        case secretMap(Kind)
        /// `true` or `false`, or a block.
        case switchOrBlock(SettingBlock)
        /// `true` or `false`, or a list of words.
        case switchOrNames
        /// A block under `channels:`, whose keys depend on its platform.
        case channel
        /// Any value, taken as JSON.
        case json
        /// Anything; nobody looks into it.
        case anything

        /// Whether it can be said in one line of text, as in an environment variable.
        var isOneValue: Bool {
            switch self {
            case .text, .identifier, .amount, .secret, .boolean, .integer, .number, .choice, .path, .url, .names,
                .choices:
                true
            case .list, .block, .map, .secretMap, .switchOrBlock, .switchOrNames, .channel, .json, .anything: false
            }
        }
    }

    public init(
        _ name: String, _ kind: Kind, default defaultValue: String? = nil, unit: String? = nil, _ summary: String,
        aliases: [String] = []
    ) {
        self.name = name
        self.aliases = aliases
        self.kind = kind
        self.defaultValue = defaultValue
        self.unit = unit
        self.summary = summary
        status = .inEffect
    }

    /// The same key with another fate.
    func with(_ status: Status) -> Setting {
        var copy = self
        copy.status = status
        return copy
    }
}

/// A default as it is meant, without the quotes it is written in.
func unquoted(_ text: String) -> String {
    text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text
}

/// The keys that may stand side by side in one mapping.
public struct SettingBlock: Hashable, Sendable {
    public var settings: [Setting]
    public var unknownKeys: UnknownKeys

    public enum UnknownKeys: Hashable, Sendable {
        case refused
        /// Reported as not offered; for files that were written for another program.
        case reported
        case ignored
    }

    public init(_ settings: [Setting], unknownKeys: UnknownKeys = .refused) {
        self.settings = settings
        self.unknownKeys = unknownKeys
    }

    /// The setting called `key`, by its name or another word for it.
    public func setting(for key: String) -> Setting? {
        settings.first { $0.name == key } ?? settings.first { $0.aliases.contains(key) }
    }

    /// Every word that may stand here.
    var words: [String] { settings.flatMap { [$0.name] + $0.aliases } }
}
