import PraisonConfig
import PraisonCore
import PraisonNet

/// The gateway a command speaks to: where it is, by what token it lets the command in, and whom the command trusts.
struct GatewayContact {
    let address: GatewayAddress
    let token: Secret?
    /// The system's authorities and the gateway's own certificate, which may be signed by nobody else; `nil` where there
    /// is no such certificate, or it can't be read.
    let trust: TrustStore?
    /// What this machine knows of the gateway of its store.
    let daemon: DaemonState

    /// What is named; else the gateway that runs on this machine's store, unless a configuration was named; else what
    /// the configuration says.
    ///
    /// - Parameters:
    ///   - url: an address as a whole.
    ///   - token: what the command line says; the configuration's otherwise.
    init(
        url: String? = nil, host: String? = nil, port: Int? = nil, token: String?, options: ConfigurationOptions,
        store: StoreOptions
    ) throws(CommandFailure) {
        let source = options.source
        let server = try source.load().configuration?.server ?? ServerSettings()
        daemon = DaemonState(store: store.location(source.folder), source)
        let holder = options.config == nil ? daemon.holder : nil
        address = try GatewayAddress(written: url, host: host, port: port, server: server, holder: holder)
        self.token = token.map(Secret.init) ?? server.authToken
        let certificate = server.sslCert ?? daemon.holder?.certificate
        trust = certificate.flatMap { try? TrustStore.system(and: $0) }
    }

    /// Why nothing was answered, and where that helps, what to do about it.
    static func words(for error: HTTPError) -> String {
        guard error.reason == .tls else { return error.detail }
        return error.detail
            + "; a certificate of the gateway's own has to be named: --config FILE with its ssl_cert, or SSL_CERT_FILE=FILE"
    }
}
