import PraisonCore

extension Timestamp {
    /// `2026-11-22 14:05 UTC`.
    var minuteText: String {
        let minutes = Int((Double(microseconds) / 60_000_000).rounded(.down))
        let days = Int((Double(minutes) / 1440).rounded(.down))
        let (year, month, day) = CivilDate.date(days: days)
        let (hour, minute) = (minutes - days * 1440).quotientAndRemainder(dividingBy: 60)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(two(month))-\(two(day)) \(two(hour)):\(two(minute)) UTC"
    }
}
