#if canImport(Glibc)
    import Glibc
#endif

/// Colours for terminals; elsewhere, and where NO_COLOR (https://no-color.org) is set, the text as it is.
struct Paint {
    let isOn: Bool

    init(isOn: Bool) { self.isOn = isOn }

    init(_ stream: Console.Stream) {
        func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
        isOn = stream.isTerminal && variable("NO_COLOR").isEmpty && variable("TERM") != "dumb"
    }

    func bold(_ text: String) -> String { paint(text, "1") }
    func dim(_ text: String) -> String { paint(text, "2") }
    func red(_ text: String) -> String { paint(text, "31") }
    func green(_ text: String) -> String { paint(text, "32") }
    func yellow(_ text: String) -> String { paint(text, "33") }

    private func paint(_ text: String, _ code: String) -> String {
        isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
