import PraisonCore

/// The three forms of a date in an HTTP header (RFC 9110 §5.6.7), all in Greenwich time.
enum HTTPDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// Takes `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
    static func parse(_ text: String) -> Timestamp? {
        guard text.utf8.count <= 64 else { return nil }
        let words = text.lowercased().split { $0 == " " || $0 == "," || $0 == "-" }
        var numbers: [Int] = []
        var month: Int?
        var time: [Int] = []
        for word in words {
            if word.contains(":") {
                time = word.split(separator: ":").compactMap { Int($0) }
            } else if let number = Int(word) {
                numbers.append(number)
            } else if let position = months.firstIndex(of: String(word)) {
                month = position + 1
            }
        }
        guard let month, numbers.count == 2, time.count == 3, (1...31).contains(numbers[0]),
            (0...23).contains(time[0]), (0...59).contains(time[1]), (0...60).contains(time[2])
        else { return nil }
        var year = numbers[1]
        // RFC 9110: a two-digit year that seems more than 50 years ahead is the past one; 70 serves this century.
        if year < 100 { year += year < 70 ? 2000 : 1900 }
        guard (1970...9999).contains(year) else { return nil }
        let seconds = CivilDate.days(year: year, month: month, day: numbers[0]) * 86_400
        return Timestamp(microseconds: Int64(seconds + time[0] * 3600 + time[1] * 60 + time[2]) * 1_000_000)
    }
}

/// Days on the Gregorian calendar, counted from 1970-01-01.
///
/// Source: the era arithmetic of https://howardhinnant.github.io/date_algorithms.html
enum CivilDate {
    static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    static func date(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
