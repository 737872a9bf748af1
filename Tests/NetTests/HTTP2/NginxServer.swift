import Foundation

/// nginx, speaking HTTP/2 over TLS. It says at `/` by which protocol and over which of its connections it was asked,
/// and serves a large file at `/large`.
struct NginxServer {
    static let largeSize = 64 << 20

    let port: Int

    var url: String { "https://localhost:\(port)" }

    /// Whether `make test-long` is running, which installs nginx.
    static var isWanted: Bool { ProcessInfo.processInfo.environment["PRAISON_LONG"] != nil }

    static func run<Value>(_ certificates: Certificates, _ body: (NginxServer) async throws -> Value) async throws
        -> Value
    {
        // Free a moment ago: nginx cannot be asked to choose.
        let port = try await ScriptedServer.freePort()
        let folder = URL(filePath: certificates.folder)
        try configuration(certificates, port).write(
            to: folder.appending(path: "nginx.conf"), atomically: true, encoding: .utf8)
        try Data(count: largeSize).write(to: folder.appending(path: "large"))
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["nginx", "-p", folder.path, "-c", "nginx.conf", "-e", "stderr"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        // Not `terminate`: SIGTERM may be blocked on the thread the child inherits its signals from.
        defer { kill(process.processIdentifier, SIGKILL) }
        try await ScriptedServer.until {
            FileManager.default.fileExists(atPath: folder.appending(path: "nginx.pid").path)
        }
        return try await body(NginxServer(port: port))
    }

    private static func configuration(_ certificates: Certificates, _ port: Int) -> String {
        """
        daemon off; master_process off; pid nginx.pid;
        events { worker_connections 2048; }
        http {
            access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi; scgi_temp_path scgi; client_max_body_size 0;
            server {
                listen 127.0.0.1:\(port) ssl http2;
                ssl_certificate \(certificates.path("good.pem")); ssl_certificate_key \(certificates.path("good.key"));
                location = / { return 200 "$server_protocol $connection"; }
                location = /large { root \(certificates.folder); }
                location = /refused { return 413; }
            }
        }
        """
    }
}
