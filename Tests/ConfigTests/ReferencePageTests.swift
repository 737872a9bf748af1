import AdapterCatalog
import Foundation
import PraisonConfig
import Testing

@Suite struct `docs/configuration.md` {
    @Test func `lists the keys of this build`() throws {
        let page = Fixtures.repository.appending(path: "docs/configuration.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let marker = try #require(text.firstRange(of: "<!-- What follows"))
        let line = try #require(text[marker.lowerBound...].firstIndex(of: "\n"))
        let prose = text[...line]
        let platforms = KnownPlatforms.descriptions(of: AdapterCatalog.platforms.map(\.adapter))
        let expected = prose + "\n" + ConfigurationReference(platforms: platforms).markdown
        if ProcessInfo.processInfo.environment["PRAISON_RECORD"] != nil {
            try Data(expected.utf8).write(to: page)
        } else {
            #expect(
                text == expected,
                "the schema has changed; run once: PRAISON_RECORD=1 swift test --filter ConfigTests, and look at the diff"
            )
        }
    }
}
