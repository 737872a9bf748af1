import PraisonCore

/// Reads a page or file on the public web.
///
/// What it is asked for comes from a model, and so from whoever speaks to it: addresses of this machine and its
/// neighbours are refused by the HTTP client, at the address that is connected to and again at each redirect.
struct FetchTool: Tool {
    private static let limits = HTTPLimits(
        connect: .seconds(5), firstByte: .seconds(15), idle: .seconds(10), total: .seconds(25), bodySize: 4 << 20)
    private static let maximumRedirects = 5

    let http: any HTTPClient

    var definition: ModelRequest.Tool {
        ModelRequest.Tool(
            name: "fetch_url", description: "Fetches a public web page or text file and gives its readable text.",
            parameters: [
                "type": "object",
                "properties": ["url": ["type": "string", "description": "the address, with http:// or https://"]],
                "required": ["url"],
            ])
    }

    func run(_ arguments: JSONDocument, for turn: Turn) async throws -> String {
        guard let url = arguments["url"]?.string?.trimmed, !url.isEmpty else {
            throw ToolError("url is missing; write the address of a page")
        }
        var address = try Self.checked(url)
        for _ in 0...Self.maximumRedirects {
            let response = try await response(from: address)
            guard [301, 302, 303, 307, 308].contains(response.status), let location = response.headers["Location"]
            else {
                return try text(of: response, at: address)
            }
            // The client follows redirects within a server; what is left leads to another one.
            address = try Self.checked(location.hasPrefix("//") ? Self.scheme(of: address) + ":" + location : location)
        }
        throw ToolError("the page leads from one address to the next without end")
    }

    private func response(from address: String) async throws -> HTTPResponse {
        var request = HTTPRequest(
            .get, address,
            headers: [
                "User-Agent": "praisonai", "Accept": "text/html, text/*;q=0.9, application/json;q=0.9, */*;q=0.1",
            ], limits: Self.limits)
        request.reach = .publicAddresses
        do {
            return try await http.execute(request)
        } catch {
            try Task.checkCancellation()
            switch error.reason {
            case .forbiddenAddress: throw ToolError("that address is not on the public internet, and is not fetched")
            case .bodyTooLarge: throw ToolError("the page is larger than \(Self.limits.bodySize >> 20) MB")
            default: throw ToolError("the page can't be fetched: \(error.detail)")
            }
        }
    }

    private func text(of response: HTTPResponse, at address: String) throws -> String {
        guard (200..<300).contains(response.status) else {
            throw ToolError("the server answered with status \(response.status)")
        }
        let type = (response.headers["Content-Type"] ?? "text/html").lowercased()
        let kind = type.prefix { $0 != ";" }.trimmingSpaces
        let isHTML = kind == "text/html" || kind == "application/xhtml+xml"
        guard isHTML || kind.hasPrefix("text/") || kind.hasSuffix("json") || kind.hasSuffix("xml") || kind.isEmpty
        else {
            throw ToolError("it is a file of type \(kind.prefix(60)), which can't be read as text")
        }
        let content = CharacterEncoding.text(response.bytes, contentType: type)
        let text = isHTML ? ReadableText(html: content).text : content
        guard !text.trimmed.isEmpty else {
            throw ToolError("there is no text on the page; it may need scripts to show any")
        }
        return text
    }

    /// Only addresses on the web, and no names and passwords in them.
    private static func checked(_ url: String) throws -> String {
        let lowered = url.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lowered.hasPrefix),
            url.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
        else { throw ToolError("write a whole address with http:// or https://") }
        let authority = url.dropFirst(scheme.count).prefix { !"/?#\\".contains($0) }
        guard !authority.isEmpty, !authority.contains("@") else {
            throw ToolError("write an address without a name or password in it")
        }
        return url
    }

    private static func scheme(of address: String) -> String { String(address.prefix { $0 != ":" }) }
}

extension Substring {
    fileprivate var trimmingSpaces: String { String(self).trimmed }
}
