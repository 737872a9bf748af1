import Logging
import PraisonCore

/// Announces the gateway's commands as slash commands, once for each list of them, and takes them back where they are not
/// wanted any more.
///
/// Source: https://docs.discord.com/developers/interactions/application-commands#bulk-overwrite-global-application-commands
struct CommandRegistration: Sendable {
    private static let maximumTries = 10

    let api: DiscordAPI
    let context: ChannelContext
    let account: BotAccount

    /// Returns once they are announced or taken back, or it turned out that they can't be.
    func run(_ settings: DiscordSettings) async {
        let commands = settings.announcesCommands ? context.commands : []
        let cursor = settings.cursor("commands")
        guard let known = try? await context.cursors.cursor(cursor) ?? "" else { return }
        // What somebody else has announced stays.
        if commands.isEmpty, known.isEmpty { return }
        var pauses = OutagePauses()
        // The application's number comes with READY.
        while account.identity == nil {
            do { try await context.clock.sleep(for: .seconds(1)) } catch { return }
        }
        guard let identity = account.identity else { return }
        let body = JSONValue.array(commands.map(Self.json))
        let mark = context.cryptography.sha256(Array("\(identity.application) \(body.text())".utf8)).hexadecimal
        if known == mark { return }
        for _ in 0..<Self.maximumTries {
            do {
                try await api.call(.commands(of: identity.application), body)
                try await context.cursors.save(commands.isEmpty ? nil : mark, for: cursor)
                context.logger.info(
                    commands.isEmpty ? "slash commands taken back" : "slash commands announced",
                    metadata: commands.isEmpty ? [:] : ["commands": "\(commands.count)"])
                return
            } catch let error as DiscordAPIError {
                if let status = error.status, (400..<500).contains(status) {
                    context.logger.warning("slash commands are not announced", metadata: ["reason": "\(error)"])
                    return
                }
                var pause = pauses.nextPause(atLeast: .seconds(5), fraction: context.entropy.fraction())
                if case .limited(let wait) = error.cause { pause = max(pause, wait) }
                do { try await context.clock.sleep(for: pause) } catch { return }
            } catch {
                return
            }
        }
    }

    private static func json(_ command: ChannelCommand) -> JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(String(command.name.prefix(32))), "type": 1,
            "description": .string(String(command.summary.prefix(100))),
        ]
        if command.takesArguments {
            members["options"] = [["name": "text", "type": 3, "description": "what to use", "required": false]]
        }
        return .object(members)
    }
}

extension [UInt8] {
    /// Two digits a byte, in lower case.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
