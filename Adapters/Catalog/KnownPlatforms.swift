public import PraisonCore

/// What configuration has to know of the platforms a gateway.yaml may name.
public enum KnownPlatforms {
    /// - Parameter adapters: the platforms this build speaks.
    /// - Returns: those, and the others that files are written for: a channel on one of these is off, with the reason.
    public static func descriptions(of adapters: [any ChannelAdapter.Type]) -> [PlatformDescription] {
        let spoken = adapters.map { PlatformDescription($0) }
        let names = Set(spoken.map(\.platform))
        return spoken + unspoken.filter { !names.contains($0.platform) }
    }

    private static let unspoken: [PlatformDescription] = [
        absent("discord"),
        absent("slack"),
        absent(
            "whatsapp",
            options: [
                ChannelOption("phone_number_id", .string, summary: "the number that sends"),
                ChannelOption("whatsapp_mode", .choice(["cloud", "web"]), default: "cloud", summary: "which API"),
                ChannelOption("creds_dir", .string, summary: "folder of the web session"),
            ]),
        absent(
            "email",
            options: [
                ChannelOption("email_address", .string, summary: "the address that answers"),
                ChannelOption("imap_server", .string, summary: "where mail is read"),
                ChannelOption("smtp_server", .string, summary: "where mail is sent"),
            ]),
        absent(
            "agentmail",
            options: [
                ChannelOption("inbox_id", .string, summary: "the inbox"),
                ChannelOption("domain", .string, summary: "the domain of new inboxes"),
            ]),
        absent("linear"),
        absent("signal"),
        absent("local", alternative: "praisonai chat"),
        absent("webhook", alternative: "the gateway's WebSocket"),
    ]

    private static func absent(
        _ platform: Platform, options: [ChannelOption] = [], alternative: String? = nil
    ) -> PlatformDescription {
        PlatformDescription(
            platform: platform, options: options,
            absence: .init(reason: "this build does not speak \(platform)", alternative: alternative))
    }
}
