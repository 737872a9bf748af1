import PraisonCore

/// The hosts that links of a text may lead to.
struct LinkRule: Sendable {
    /// In lower case; all below them are meant too.
    let allowed: [String]

    /// With a scheme, `//host` as pages write it, and a host alone, which most chats make a link of.
    private static let withScheme = pattern(#"[a-z][a-z0-9+.-]{1,20}://[^\s<>"')\]]+"#)
    private static let withoutScheme = pattern(#"//[^\s<>"')\]/]+\.[^\s<>"')\]]+"#)
    private static let bareHost = pattern(
        #"([a-z0-9][a-z0-9-]{0,62}\.)+[a-z0-9-]{2,24}(:\d{1,5})?(/[^\s<>"')\]]*)?"#)

    /// Endings that bare hosts are known by; of other words with a dot, such as `main.c`, nobody makes a link. Countries'
    /// that names of files have as well (`.py`, `.rs`, `.sh`, `.md`) are left out.
    private static let endings = Set(
        """
        com org net edu gov mil int info biz name app dev page web site online shop store blog cloud tech xyz club live \
        news link click top icu pro mobi tel asia cat jobs travel museum aero coop art bank chat email fun games group \
        guru help host life media money network one party press social software space support today tools vip wiki work \
        world zone lol download example test onion ac ad ae af ag ai al am ao ar at au aw ax az ba bb bd be bf bg bh bi \
        bj bm bn bo br bs bt bw by bz ca cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er \
        es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gt gu gw gy hk hm hn hr ht hu id ie il im in io \
        iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc me mg mh mk ml mn \
        mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pm pn pr pt pw qa re \
        ro ru rw sa sb sc sd se sg si sk sl sm sn sr st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua \
        ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw
        """.split(separator: " "))

    private static func pattern(_ text: String) -> LinearPattern? { try? LinearPattern(text, ignoringCase: true) }

    func forbidden(in text: String) throws(LinearPattern.TooLong) -> [Range<String.Index>] {
        guard text.contains(where: { $0 == "." || $0 == "/" }) else { return [] }
        var found = try Self.withScheme?.ranges(in: text) ?? []
        found = try Self.joined(found, Self.withoutScheme?.ranges(in: text) ?? [])
        let bare = try Self.bareHost?.ranges(in: text) ?? []
        found = Self.joined(found, bare.filter { isHost($0, in: text) })
        return found.filter { !isAllowed(text[$0]) }
    }

    /// Both in their order; of `others` those that lie in none of `first`.
    private static func joined(
        _ first: [Range<String.Index>], _ others: [Range<String.Index>]
    ) -> [Range<String.Index>] {
        var result: [Range<String.Index>] = []
        var rest = first[...]
        for other in others {
            while let next = rest.first, next.upperBound <= other.lowerBound { result.append(rest.removeFirst()) }
            if let next = rest.first, next.overlaps(other) { continue }
            result.append(other)
        }
        return result + rest
    }

    private func isHost(_ range: Range<String.Index>, in text: String) -> Bool {
        // An address of mail is no link, and `a.b` within a longer word is a part of something else.
        if let before = text[..<range.lowerBound].last, before == "@" || before == "_" { return false }
        if text[range.upperBound...].first == "@" { return false }
        let host = text[range].lowercased().prefix { $0 != "/" && $0 != ":" }
        guard let ending = host.split(separator: ".").last else { return false }
        if host.hasPrefix("www.") || ending.hasPrefix("xn--") || Self.endings.contains(ending) { return true }
        // With a path behind it, it can hardly be anything else.
        return host.utf8.count < text[range].utf8.count && ending.allSatisfy(\.isLetter)
    }

    private func isAllowed(_ link: Substring) -> Bool {
        var rest = link.lowercased()
        if let start = rest.firstRange(of: "//") { rest = String(rest[start.upperBound...]) }
        // A browser would go to what stands after the last `@`.
        let authority = rest.prefix { !"/?#\\".contains($0) }
        var host = (authority.split(separator: "@").last ?? "").prefix { $0 != ":" }
        while host.last == "." || host.last == "," { host.removeLast() }
        return allowed.contains { host == $0 || host.hasSuffix(".\($0)") }
    }
}
