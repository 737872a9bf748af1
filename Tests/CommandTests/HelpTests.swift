import ArgumentParser
import Testing

@testable import praisonai

@Suite struct `the help of every command` {
    private static func commands(of command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
        [command] + command.configuration.subcommands.flatMap { commands(of: $0) }
    }

    @Test func `has examples, and fits 80 columns`() {
        let commands = Self.commands(of: Praisonai.self).filter { $0.configuration.shouldDisplay }
        #expect(commands.count > 10)
        for command in commands {
            let help = Praisonai.helpMessage(for: command, columns: 80)
            #expect(help.contains("  praisonai "), "\(command) has no example")
            let wide = help.split(separator: "\n").filter { $0.count > 80 }
            #expect(wide.isEmpty, "\(command)")
        }
    }
}
