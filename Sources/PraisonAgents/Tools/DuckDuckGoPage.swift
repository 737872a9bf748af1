import PraisonCore

/// The results on DuckDuckGo's page for browsers without scripts: links of class `result__a`, each followed by an
/// excerpt of class `result__snippet`.
struct DuckDuckGoPage {
    let results: [WebSearchTool.Result]
    /// Whether it asks for a proof that a person searches.
    let isForRobots: Bool
    /// Whether it is the page of a search that found nothing.
    let saysNothingIsFound: Bool

    init(_ bytes: [UInt8]) {
        let page = String(decoding: bytes, as: UTF8.self)
        isForRobots = ["anomaly-modal", "anomaly.js", "challenge-form"].contains { page.contains($0) }
        saysNothingIsFound = ["no-results", "result--no-result"].contains { page.contains($0) }
        results = page.ranges(of: "class=\"result__a\"").prefix(20).compactMap { mark in
            let before = page[..<mark.lowerBound]
            guard let opening = before.lastIndex(of: "<"), let end = page[mark.upperBound...].firstIndex(of: ">"),
                let close = page[end...].firstRange(of: "</a>")
            else { return nil }
            guard let link = Self.attribute("href", in: page[opening..<end]), let url = Self.target(of: link) else {
                return nil
            }
            let rest = page[close.upperBound...]
            let next = rest.firstRange(of: "class=\"result__a\"")?.lowerBound ?? rest.endIndex
            return WebSearchTool.Result(
                title: HTMLText.plain(String(page[page.index(after: end)..<close.lowerBound])), url: url,
                snippet: Self.snippet(in: rest[..<next]))
        }
    }

    private static func snippet(in text: Substring) -> String {
        guard let mark = text.firstRange(of: "result__snippet"),
            let start = text[mark.upperBound...].firstIndex(of: ">")
        else { return "" }
        let content = text[text.index(after: start)...]
        let end = content.firstRange(of: "</a>") ?? content.firstRange(of: "</td>") ?? content.firstRange(of: "</div>")
        return HTMLText.plain(String(content[..<(end?.lowerBound ?? content.endIndex)]))
    }

    private static func attribute(_ name: String, in tag: Substring) -> String? {
        guard let start = tag.firstRange(of: "\(name)=\"") else { return nil }
        return HTMLText.unescaped(String(tag[start.upperBound...].prefix { $0 != "\"" }))
    }

    /// Links lead through the service's own address, with the real one as `uddg`; advertisements lead elsewhere.
    private static func target(of link: String) -> String? {
        let request = HTTPRequest(.get, link.hasPrefix("//") ? "https:\(link)" : link)
        if let target = request.query("uddg") { return target.hasPrefix("http") ? target : nil }
        return link.hasPrefix("http") && !link.contains("duckduckgo.com/y.js") ? link : nil
    }
}
