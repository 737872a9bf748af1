import PraisonCore

extension Duration {
    /// For people: `0.9 s`, `25.0 min`, `23.8 h`.
    var inWords: String {
        let (amount, unit) =
            switch inSeconds {
            case ..<120: (inSeconds, "s")
            case ..<7200: (inSeconds / 60, "min")
            default: (inSeconds / 3600, "h")
            }
        return "\((amount * 10).rounded() / 10) \(unit)"
    }
}
