import Foundation

/// nginx, speaking HTTP/2 over TLS. It says at `/` by which protocol and over which of its connections it was asked,
/// and serves a large file at `/large`, and at `/slow` so that nobody sees its end.
struct NginxServer {
    static let largeSize = 64 << 20

    let port: Int

    var url: String { "https://localhost:\(port)" }

    /// Debian puts it where only root's search path leads.
    private static let program = "/usr/sbin/nginx"

    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    static func run<Value>(_ certificates: Certificates, _ body: (NginxServer) async throws -> Value) async throws
        -> Value
    {
        try Data(count: largeSize).write(to: URL(filePath: certificates.folder).appending(path: "large"))
        for _ in 1...4 {
            // Somebody else was given the port meanwhile, if anything.
            do { return try await runOnce(certificates, body) } catch is ForeignServer.NotStarted {}
        }
        return try await runOnce(certificates, body)
    }

    private static func runOnce<Value>(
        _ certificates: Certificates, _ body: (NginxServer) async throws -> Value
    ) async throws -> Value {
        // Free a moment ago: nginx cannot be asked to choose.
        let port = try await ScriptedServer.freePort()
        let folder = URL(filePath: certificates.folder)
        try configuration(certificates, port).write(
            to: folder.appending(path: "nginx.conf"), atomically: true, encoding: .utf8)
        let arguments = [program, "-p", folder.path, "-c", "nginx.conf", "-e", "stderr"]
        // It names the system it runs on as soon as it listens.
        return try await ForeignServer.run(arguments) {
            $0.contains(" OS: ") ? NginxServer(port: port) : nil
        } _: {
            try await body($0)
        }
    }

    private static func configuration(_ certificates: Certificates, _ port: Int) -> String {
        """
        daemon off; master_process off; pid nginx.pid; error_log stderr notice;
        events { worker_connections 2048; }
        http {
            access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi; scgi_temp_path scgi; client_max_body_size 0;
            server {
                listen 127.0.0.1:\(port) ssl http2;
                ssl_certificate \(certificates.path("good.pem")); ssl_certificate_key \(certificates.path("good.key"));
                location = / { return 200 "$server_protocol $connection"; }
                location = /large { root \(certificates.folder); }
                location = /slow { alias \(certificates.folder)/large; limit_rate 1k; }
                location = /refused { return 413; }
            }
        }
        """
    }
}
