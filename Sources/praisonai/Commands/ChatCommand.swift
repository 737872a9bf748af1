import ArgumentParser
import Logging
import PraisonClient
import PraisonCore
import PraisonNet

/// `praisonai chat`: talks to an agent of a running gateway from a terminal or a script.
struct ChatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Talk to an agent of a running gateway.",
        usage: "praisonai chat [AGENT] [OPTIONS]",
        discussion: """
            Examples:
              praisonai chat
              praisonai chat support
              praisonai chat --url ws://10.0.0.5:8765/ws --token "$TOKEN"
              echo "what is 6 times 7" | praisonai chat

            A line is a message. /help tells which commands the gateway takes; /quit or
            the end of the input leaves. Ctrl-C stops the answer being written, and leaves
            when none is.

            Without a terminal each line of the input is answered on the output, and the
            exit code is 1 if one of them could not be answered. 75: no gateway answers,
            or it went away for two minutes.
            """)

    @Argument(help: "The agent; the first of the gateway otherwise.")
    var agent: String?

    @Option(help: "The gateway, such as ws://127.0.0.1:8765/ws; the one on this machine otherwise.")
    var url: String?

    @Option(help: "Its auth_token, where it has one; GATEWAY_AUTH_TOKEN and gateway.yaml are read too.")
    var token: String?

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var store: StoreOptions

    func run() async throws {
        let contact = try GatewayContact(url: url, token: token, options: options, store: store)
        let logger = StandardErrorLog.logger(level: .error)
        let agent = if let agent { agent } else { try await firstAgent(contact) }
        let conversation = ChatConversation(
            agent: agent, isInteractive: Console.isInteractive, isAttended: Console.isAttended)
        let configuration = GatewayClient.Configuration(
            url: contact.address.webSocket, agent: agent, token: contact.token)
        do {
            let hasFailures = try await GatewayClient.withClient(
                configuration,
                webSocket: NIOWebSocketClient(configuration: .init(trust: contact.trust), logger: logger),
                logger: logger
            ) { try await conversation.run($0) }
            if hasFailures { Console.exit(.failed) }
        } catch let error as GatewayClientError {
            throw CommandFailure(Self.status(for: error), Self.words(for: error))
        }
    }

    /// The gateway's codes are for programs.
    private static func words(for error: GatewayClientError) -> String {
        if case .refused(_, let message, _) = error { message } else { "\(error)" }
    }

    private func firstAgent(_ contact: GatewayContact) async throws -> String {
        let address = contact.address
        let inquiry = GatewayInquiry(contact: contact, logger: StandardErrorLog.logger(level: .error))
        switch await inquiry.ask().state {
        case .unreachable(let reason):
            throw CommandFailure(
                .tryAgain, "no gateway answers at \(address.http) (\(reason)); start one with praisonai gateway start")
        case .answered(_, _, isTokenRefused: true):
            throw CommandFailure(
                .configuration, "the gateway at \(address.http) refused the token; give the right one with --token")
        case .answered(_, let info, _):
            guard let agent = info?["agents"]?[0]?.string else {
                throw CommandFailure(
                    .configuration,
                    "the gateway at \(address.http) does not tell its agents; name one, and give --token")
            }
            return agent
        }
    }

    private static func status(for error: GatewayClientError) -> CommandFailure.Status {
        switch error {
        case .refused, .closed: .configuration
        case .unreachable, .ended: .tryAgain
        default: .failed
        }
    }
}
