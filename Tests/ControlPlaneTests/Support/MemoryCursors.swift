import PraisonCore

/// Keeps small values as a store does, for as long as the test lasts.
actor MemoryCursors: CursorStore {
    private var values: [String: String] = [:]

    func cursor(_ key: String) -> String? { values[key] }
    func save(_ value: String?, for key: String) { values[key] = value }
}
