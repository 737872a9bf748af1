import PraisonCore

/// What models cost by the token. Those that aren't here, and aren't in the file, have no known price, which is not the
/// same as none.
struct PriceTable: Sendable {
    /// The longer names first.
    private let own: [(prefix: String, price: ModelPrice)]
    /// Those that are served on one's own machine or network, `PROVIDER/MODEL`.
    private let local: Set<String>

    /// - Parameter local: labels of models that cost nothing unless they are known to.
    init(_ settings: SpendingSettings = SpendingSettings(), local: Set<String> = []) {
        own = settings.prices.map { ($0.key.lowercased(), $0.value) }
            .sorted { $0.prefix.utf8.count > $1.prefix.utf8.count }
        self.local = Set(local.map { $0.lowercased() })
    }

    /// - Parameter label: `PROVIDER/MODEL`.
    func price(of label: String) -> ModelPrice? {
        let label = label.lowercased()
        let model = label.split(separator: "/", maxSplits: 1).last.map(String.init) ?? label
        let bare = label.split(separator: "/").last.map(String.init) ?? label
        if let own = own.first(where: { own in [label, model, bare].contains { $0.hasPrefix(own.prefix) } }) {
            return own.price
        }
        if Self.free.contains(where: label.hasPrefix) { return .nothing }
        // A proxy nearby may well hand on to somebody who wants money.
        if let known = Self.known(label) ?? Self.known(bare) { return known }
        return local.contains(label) ? .nothing : nil
    }

    private static func known(_ name: String) -> ModelPrice? {
        ModelPrice.known[name] ?? withoutVersion(name).flatMap { ModelPrice.known[$0] }
    }

    /// A model's name without what says which of its versions is meant, `-2024-08-06`, `-20250929`, `-0709`, `-001`,
    /// `-latest` or `-preview`: these cost the same, unless the table has them. `nil` where there is none; any other
    /// ending makes another model.
    static func withoutVersion(_ name: String) -> String? {
        var parts = name.split(separator: "-", omittingEmptySubsequences: false)
        let count = parts.count
        if parts.last == "latest" { parts.removeLast() }
        func dropDigits(_ counts: [Int]) -> Bool {
            let last = parts.suffix(counts.count)
            guard parts.count > counts.count, zip(last, counts).allSatisfy({ isNumber($0, digits: $1) }) else {
                return false
            }
            parts.removeLast(counts.count)
            return true
        }
        if !dropDigits([4, 2, 2]), !dropDigits([8]), !dropDigits([4]), !dropDigits([3]),
            parts.dropLast(2).last == "preview"
        {
            _ = dropDigits([2, 2])
        }
        if parts.last == "preview" { parts.removeLast() }
        return parts.count == count || parts.isEmpty ? nil : parts.joined(separator: "-")
    }

    private static func isNumber(_ text: Substring, digits: Int) -> Bool {
        text.utf8.count == digits && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// Served on one's own machine.
    private static let free = ["ollama/", "lm_studio/", "hosted_vllm/", "llamafile/", "offline/"]
}
