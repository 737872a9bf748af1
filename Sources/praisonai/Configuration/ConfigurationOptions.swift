import ArgumentParser

/// `--config`, as most commands take it.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The configuration; ./gateway.yaml, else ~/.praisonai/gateway.yaml, else one demonstration agent.",
            valueName: "file"))
    var config: String?

    func validate() throws {
        if config?.isEmpty == true { throw ValidationError("--config takes a file") }
    }

    var source: ConfigurationSource { ConfigurationSource(file: config) }
}
