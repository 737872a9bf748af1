import Foundation

/// One line of output.
struct Figure {
    let subject: String

    func callAsFunction(_ what: String, _ value: Double, _ unit: String) {
        let digits = value.magnitude >= 100 ? 0 : value.magnitude >= 10 ? 1 : 2
        let number = value.formatted(.number.precision(.fractionLength(digits)).grouping(.never))
        let label = "\(subject)  \(what)".padding(toLength: 72, withPad: " ", startingAt: 0)
        print("\(label) \(String(repeating: " ", count: max(0, 10 - number.count)))\(number) \(unit)")
    }
}

/// What some work took.
struct Cost {
    var seconds: Double
    /// Of this process, all threads, user and system.
    var cpuSeconds: Double

    static func of(_ work: () async throws -> Void) async rethrows -> Cost {
        let (start, cpu) = (ContinuousClock.now, cpuTime)
        try await work()
        return Cost(seconds: (ContinuousClock.now - start) / .seconds(1), cpuSeconds: cpuTime - cpu)
    }

    private static var cpuTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Memory this process holds, in MB.
var residentMemory: Double {
    let pages = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")[1]
    return (pages.flatMap { Double($0) } ?? 0) * Double(sysconf(Int32(_SC_PAGESIZE))) / 1e6
}
