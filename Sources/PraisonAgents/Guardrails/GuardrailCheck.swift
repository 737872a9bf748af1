public import PraisonCore

/// What can be said of guardrails before they are needed.
public enum GuardrailCheck {
    /// - Returns: for each pattern that can't be read, its place in the list and why.
    public static func problems(in settings: GuardrailSettings) -> [(index: Int, problem: String)] {
        settings.patterns.enumerated().compactMap { index, pattern in
            do {
                _ = try LinearPattern(pattern)
                return nil
            } catch {
                return (index, "the pattern can't be read: \(error)")
            }
        }
    }
}
