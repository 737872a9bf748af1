import PraisonCore

extension PlaneRoutes {
    /// A browser shows the token once and then carries a cookie that no script can read.
    func addSignIn(to router: inout HTTPRouter) {
        router.on(.post, "/api/login") { request, _ in
            await guarded(request, .read) { principal in
                guard let cookie = parts.access.cookie(for: principal) else { return HTTPResponse(status: 204) }
                return setting(cookie, lifetime: AccessControl.cookieLifetime)
            }
        }
        router.on(.post, "/api/logout") { _, _ in setting("", lifetime: .zero) }
    }

    private func setting(_ value: String, lifetime: Duration) -> HTTPResponse {
        let isTLS = parts.rooms.server.sslCert != nil
        let attributes = "Path=/; Max-Age=\(Int(lifetime.inSeconds)); HttpOnly; SameSite=Strict"
        return HTTPResponse(
            status: 204,
            headers: ["Set-Cookie": "\(AccessControl.cookieName)=\(value); \(attributes)\(isTLS ? "; Secure" : "")"])
    }
}
