import PraisonCore

extension ChannelSettings {
    /// A channel's block from what a simulator says should be written in it.
    init(yaml lines: [(key: String, value: String)], platform: Platform, options: [ChannelOption]) {
        self.init(name: ChannelName("\(platform)-test"), platform: platform)
        for (key, value) in lines {
            let text = value.hasPrefix("\"") && value.hasSuffix("\"") ? String(value.dropFirst().dropLast()) : value
            switch key {
            case "token": token = Secret(text)
            case "app_token": appToken = Secret(text)
            default:
                switch options.first(where: { $0.key == key })?.kind {
                case .secret: secrets[key] = Secret(text)
                case .integer, .seconds: self.options[key] = .number(text)
                case .boolean: self.options[key] = .bool(text == "true")
                default: self.options[key] = .string(text)
                }
            }
        }
    }
}
