public import Logging

/// Everything an adapter may use, so that it needs no library of its own and tests can hold all of it still.
public struct ChannelContext: Sendable {
    public var channel: ChannelName
    public var logger: Logger
    public var clock: any GatewayClock
    public var entropy: any Entropy
    public var http: any HTTPClient
    public var webSocket: any WebSocketClient
    public var cryptography: any Cryptography
    /// What this channel wants to remember across restarts, under keys of its own.
    public var cursors: any CursorStore
    /// What the gateway itself understands, for platforms where commands are announced.
    public var commands: [ChannelCommand]
    /// Commits events to the journal. Once it returns, the platform may be told that they arrived.
    ///
    /// - Throws: when the journal can't take them now; the adapter must then not acknowledge, and may repeat.
    public var accept: @Sendable ([GatewayEvent]) async throws -> Void
    /// Tells how the channel fares. Cheap; call it whenever it is proved anew.
    public var report: @Sendable (ChannelHealth) -> Void

    public init(
        channel: ChannelName, logger: Logger, clock: any GatewayClock, entropy: any Entropy, http: any HTTPClient,
        webSocket: any WebSocketClient, cryptography: any Cryptography, cursors: any CursorStore,
        commands: [ChannelCommand] = [],
        accept: @escaping @Sendable ([GatewayEvent]) async throws -> Void,
        report: @escaping @Sendable (ChannelHealth) -> Void
    ) {
        self.channel = channel
        self.logger = logger
        self.clock = clock
        self.entropy = entropy
        self.http = http
        self.webSocket = webSocket
        self.cryptography = cryptography
        self.cursors = cursors
        self.commands = commands
        self.accept = accept
        self.report = report
    }
}

/// Small values a channel remembers across restarts: offsets, session identifiers, resume addresses.
public protocol CursorStore: Sendable {
    func cursor(_ key: String) async throws -> String?
    /// Returns once the value is durable. `nil` removes it.
    func save(_ value: String?, for key: String) async throws
}
