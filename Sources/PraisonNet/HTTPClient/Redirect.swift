import PraisonCore

/// Where a response points to, if it is for the client to go there.
enum Redirect {
    /// - Returns: the request to send instead, or `nil` when the response is the answer.
    static func next(
        after request: HTTPRequest, to url: TargetURL, status: Int, headers: HTTPHeaders
    ) -> (request: HTTPRequest, url: TargetURL)? {
        guard request.method == .get || request.method == .head, [301, 302, 303, 307, 308].contains(status),
            let location = headers["Location"], !location.isEmpty, let target = try? TargetURL(location, from: url),
            // Credentials in the headers are meant for this server alone.
            target.hasOrigin(of: url)
        else { return nil }
        var next = request
        next.target = target.text
        return (next, target)
    }
}
