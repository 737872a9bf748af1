import PraisonCore

@testable import PraisonConfig

/// The keys of gateway.yaml as Markdown: a table for every block.
struct ConfigurationReference {
    private let schema: ConfigurationSchema
    private var sections: [String] = []

    init(platforms: [PlatformDescription]) {
        schema = ConfigurationSchema(platforms: platforms)
        let isOlder: (Setting) -> Bool = { $0.summary.hasPrefix("older shape") }
        section("The root of the file", schema.root.settings.filter { !isOlder($0) }, path: "")
        sections.append(Self.table("Older shapes, still read", schema.root.settings.filter(isOlder)))
    }

    var markdown: String { sections.joined(separator: "\n") }

    private mutating func section(_ title: String, _ settings: [Setting], path: String, remark: String = "") {
        guard !settings.isEmpty else { return }
        sections.append(Self.table(title, settings, remark: remark))
        for setting in settings { inner(setting.kind, path: path + setting.name, remark: Self.fate(setting)) }
    }

    private mutating func inner(_ kind: Setting.Kind, path: String, remark: String) {
        switch kind {
        case .block(let block), .switchOrBlock(let block):
            section("`\(path)`", block.settings, path: path + ".", remark: remark)
        case .list(let element): inner(element, path: path + "[]", remark: remark)
        case .map(let element): inner(element, path: path + ".NAME", remark: remark)
        case .channel: channels(path: path)
        default: break
        }
    }

    private mutating func channels(path: String) {
        let common = schema.channelBlock(on: nil).settings
        let own = schema.platforms.flatMap(\.options).map(\.key)
        section("`\(path)`", common.filter { !own.contains($0.name) }, path: path + ".")
        for platform in schema.platforms where !platform.options.isEmpty {
            let remark = platform.absence.map { "*Not offered: \($0.reason).*" } ?? ""
            sections.append(
                Self.table("`\(path)` on \(platform.platform)", platform.options.map(Setting.init), remark: remark))
        }
    }

    private static func table(_ title: String, _ settings: [Setting], remark: String = "") -> String {
        let rows = settings.map { setting in
            "| `\(setting.name)` | \(words(setting)) | \(setting.defaultValue.map { "`\($0)`" } ?? "") "
                + "| \(sentence(setting)) |\n"
        }
        let start = "## \(title)\n\n" + (remark.isEmpty ? "" : "\(remark)\n\n")
        return start + "| key | value | default | |\n| --- | --- | --- | --- |\n" + rows.joined()
    }

    private static func sentence(_ setting: Setting) -> String {
        var text = setting.summary.replacing("|", with: "\\|")
        if !setting.aliases.isEmpty {
            text += "; also written " + setting.aliases.map { "`\($0)`" }.joined(separator: ", ")
        }
        let fate = fate(setting)
        return fate.isEmpty ? text : "\(text). \(fate)"
    }

    private static func fate(_ setting: Setting) -> String {
        switch setting.status {
        case .inEffect: ""
        case .notYetInEffect: "*Not yet in effect.*"
        case .notOffered(let reason, let alternative):
            "*Not offered: \(reason)\(alternative.map { "; use `\($0)` instead" } ?? "").*"
        }
    }

    private static func words(_ setting: Setting) -> String {
        let counted = setting.unit.map { " of \($0)" } ?? ""
        return switch setting.kind {
        case .text: "text"
        case .identifier: "text or whole number"
        case .amount: "amount in US dollars"
        case .secret: "secret"
        case .boolean: "true or false"
        case .integer(let range): "whole number\(counted), \(range.lowerBound) to \(range.upperBound)"
        case .number(let range):
            "number\(counted), \(JSONValue(range.lowerBound).text()) to \(JSONValue(range.upperBound).text())"
        case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .path: "path"
        case .url: "address"
        case .names: "list of words"
        case .choices(let words): "list of " + words.map { "`\($0)`" }.joined(separator: ", ")
        case .list: "list of blocks"
        case .block: "block"
        case .map, .channel: "blocks by name"
        case .secretMap: "lists by secret"
        case .switchOrBlock: "true, false or a block"
        case .switchOrNames: "true, false or a list of words"
        case .json: "mapping"
        case .anything: "anything"
        }
    }
}
