/// A value of a YAML document and where it stands.
struct YAMLNode: Sendable {
    enum Content: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    struct Entry: Sendable {
        var key: String
        var keyPlace: SourcePlace
        var value: YAMLNode
    }

    var content: Content
    var place: SourcePlace
    /// Values in here, this one included, with every alias written out.
    var weight = 1

    /// A plain scalar that no file says.
    init(outside text: String) {
        content = .scalar(YAMLScalar(text: text, isPlain: true, isLiteral: true))
        place = .outside
    }

    init(_ content: Content, at place: SourcePlace, weight: Int = 1) {
        self.content = content
        self.place = place
        self.weight = weight
    }

    var entries: [Entry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    var isNull: Bool {
        if case .scalar(let scalar) = content, case .null = scalar.value { true } else { false }
    }

    subscript(key: String) -> YAMLNode? {
        entries?.first { $0.key == key }?.value
    }

    /// The scalar's characters as they are written, whatever they mean.
    var text: String? {
        if case .scalar(let scalar) = content, !isNull { scalar.text } else { nil }
    }

    /// What it is, for somebody who expected something else.
    var kindDescription: String {
        switch content {
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .scalar(let scalar):
            switch scalar.value {
            case .null: "nothing"
            case .boolean, .integer, .number: excerpt(scalar.text)
            case .text: "\"\(excerpt(scalar.text))\""
            }
        }
    }
}

/// The beginning of `text` on one line, for quoting in a message.
func excerpt(_ text: String, limit: Int = 40) -> String {
    var short = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        guard short.count < limit else {
            short.append("…")
            break
        }
        short.append(isInvisible(scalar) ? " " : scalar)
    }
    return String(short)
}

/// Control characters, and those that turn the direction of writing around or part lines unseen.
private func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
}
