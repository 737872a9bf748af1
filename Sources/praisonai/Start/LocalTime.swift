#if canImport(Glibc)
    import Glibc
#endif

/// The machine's own time zone.
enum LocalTime {
    /// Seconds east of Greenwich, now.
    static var secondsFromGMT: Int {
        var now = time(nil)
        var parts = tm()
        localtime_r(&now, &parts)
        return parts.tm_gmtoff
    }
}
