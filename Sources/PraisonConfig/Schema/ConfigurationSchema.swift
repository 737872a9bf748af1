public import PraisonCore

/// Every key of gateway.yaml: the one table that checking, documentation and suggestions read.
///
/// The keys of a platform come from its `PlatformDescription`, so that no platform is known here by name.
public struct ConfigurationSchema: Sendable {
    public let platforms: [PlatformDescription]
    /// The tools there are without being declared; `nil` where nobody knows, and any name may be one.
    public let tools: Set<String>?

    /// The whole file.
    public let root: SettingBlock
    /// A plain agents file: agents only, by name or as a list.
    let agentsFile: SettingBlock
    /// What every channel may have.
    private let channelSettings: [Setting]

    public init(platforms: [PlatformDescription], tools: Set<String>? = nil) {
        self.platforms = platforms
        self.tools = tools
        root = SettingBlock(Self.rootSettings).settled(at: "")
        channelSettings = SettingBlock(Self.channelSettings).settled(at: "channels.*.").settings
        let agent = SettingBlock(Self.agent.settings, unknownKeys: .reported)
        agentsFile = SettingBlock(
            [
                Setting("agents", .map(.block(agent)), "agents by name", aliases: ["roles"]),
                Setting("provider", .block(Self.provider), "the model of agents that name none"),
            ],
            unknownKeys: .reported
        ).settled(at: "")
    }

    func description(of platform: Platform) -> PlatformDescription? {
        platforms.first { $0.platform == platform }
    }

    /// The platform that is probably meant by a word that is none: `telegarm`, `telegram-vip`.
    func description(resembling word: Platform) -> PlatformDescription? {
        let known = platforms.map(\.platform.rawValue)
        let beginning = known.first { word.rawValue.lowercased().hasPrefix($0) }
        let meant = beginning ?? Spelling.suggestion(for: word.rawValue, among: known)
        return meant.flatMap { description(of: Platform($0)) }
    }

    /// The keys of a channel on `platform`: those every channel has and the platform's own, which take precedence.
    func channelBlock(on platform: PlatformDescription?) -> SettingBlock {
        guard let platform else {
            let known = Set(channelSettings.map(\.name))
            let others = platforms.flatMap(\.options).filter { !known.contains($0.key) }.map(Setting.init)
            return SettingBlock(channelSettings + others, unknownKeys: .ignored)
        }
        let own = platform.options.map(Setting.init)
        let ownNames = Set(own.map(\.name))
        let common = channelSettings.filter { !ownNames.contains($0.name) }.map { setting in
            guard Self.keysOfSomePlatforms.contains(setting.name), platform.isOffered else { return setting }
            return setting.with(
                .notOffered(reason: "\(platform.platform) does not use it", alternative: nil))
        }
        // Of a platform that is not spoken here it is not known which keys it would have.
        return SettingBlock(common + own, unknownKeys: platform.isOffered ? .refused : .ignored)
    }

    /// The way to a node as it is written in messages, up to a name that must not be shown.
    func text(of path: [YAMLSyntaxError.Step], in root: SettingBlock) -> String {
        var text = ""
        var kind: Setting.Kind? = .block(root)
        for step in path {
            if case .secretMap? = kind { break }
            switch step {
            case .index(let index): text += "[\(index)]"
            case .key(let key): text += text.isEmpty ? key : ".\(key)"
            }
            kind = kind.flatMap { child(of: $0, at: step) }
        }
        return text
    }

    private func child(of kind: Setting.Kind, at step: YAMLSyntaxError.Step) -> Setting.Kind? {
        switch (kind, step) {
        case (.block(let block), .key(let key)), (.switchOrBlock(let block), .key(let key)):
            block.setting(for: key)?.kind
        case (.map(let element), .key), (.list(let element), .index): element
        case (.channel, .key(let key)): channelBlock(on: nil).setting(for: key)?.kind
        default: nil
        }
    }

    /// Every key with its path; `*` stands for a freely chosen name.
    public var entries: [(path: String, setting: Setting)] {
        var found: [(path: String, setting: Setting)] = []
        collect(root, under: "", into: &found)
        return found
    }

    private func collect(
        _ block: SettingBlock, under prefix: String, into found: inout [(path: String, setting: Setting)]
    ) {
        for setting in block.settings {
            let path = prefix + setting.name
            found.append((path, setting))
            collect(setting.kind, at: path, into: &found)
        }
    }

    /// What every channel may have, and what the platforms add: a key of several platforms once, as the first has it.
    private var channelEntries: [Setting] {
        var own: [Setting] = []
        for platform in platforms.filter(\.isOffered) + platforms.filter({ !$0.isOffered }) {
            for option in platform.options where !own.contains(where: { $0.name == option.key }) {
                let setting = Setting(option)
                own.append(platform.absence.map { setting.with(.notOffered($0)) } ?? setting)
            }
        }
        let common = channelSettings.filter { setting in !own.contains { $0.name == setting.name } }
        let unused = PlatformDescription.Absence(reason: "no platform that this build speaks uses it")
        return common.map { Self.keysOfSomePlatforms.contains($0.name) ? $0.with(.notOffered(unused)) : $0 } + own
    }

    private func collect(_ kind: Setting.Kind, at path: String, into found: inout [(path: String, setting: Setting)]) {
        switch kind {
        case .block(let block), .switchOrBlock(let block): collect(block, under: path + ".", into: &found)
        case .list(let element): collect(element, at: path, into: &found)
        case .map(let element), .secretMap(let element): collect(element, at: path + ".*", into: &found)
        case .channel:
            collect(SettingBlock(channelEntries), under: path + ".", into: &found)
        default: break
        }
    }
}

extension Setting {
    /// A platform's own key.
    init(_ option: ChannelOption) {
        let kind: Kind =
            switch option.kind {
            case .string: .identifier
            case .secret: .secret
            case .boolean: .boolean
            case .integer(let range): .integer(range)
            case .seconds(let range): .number(range)
            case .url: .url
            case .choice(let words): .choice(words)
            }
        self.init(option.key, kind, default: option.defaultValue, option.summary)
        if case .seconds = option.kind { unit = "seconds" }
    }
}
