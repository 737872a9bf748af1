/// Makes nodes of libyaml's events: one document, within limits, with aliases and merge keys written out.
struct YAMLComposer {
    private let events: YAMLEventSource
    private let limits: YAMLReader.Limits
    private var anchors: [String: (node: YAMLNode, place: SourcePlace)] = [:]
    private var nodes = 0
    /// The keys and list positions above the node that is being read.
    private var path: [YAMLSyntaxError.Step] = []
    /// Mistakes that do not stop the reading.
    private(set) var problems: [YAMLSyntaxError] = []

    init(_ bytes: [UInt8], limits: YAMLReader.Limits) {
        events = YAMLEventSource(bytes)
        self.limits = limits
    }

    /// - Returns: `nil` for a file without any value.
    mutating func document() throws(YAMLSyntaxError) -> YAMLNode? {
        var root: YAMLNode?
        var documents = 0
        while true {
            let (event, place) = try events.next()
            switch event {
            case .streamEnd: return root
            case .streamStart, .documentEnd: break
            case .documentStart:
                documents += 1
                guard documents == 1 else {
                    report(place, "a second document starts here; one file holds one, so remove \"---\"")
                    return root
                }
            default: root = try node(event, at: place, depth: 1)
            }
        }
    }

    private mutating func report(_ place: SourcePlace, _ message: String) {
        if problems.count < limits.problems {
            problems.append(YAMLSyntaxError(place: place, path: path, message: message))
        }
    }

    private mutating func count(_ weight: Int, at place: SourcePlace) throws(YAMLSyntaxError) {
        nodes += weight
        guard nodes <= limits.nodes else {
            throw YAMLSyntaxError(
                place: place, message: "more than \(limits.nodes) values, aliases written out; the file is not read",
                isLimit: true)
        }
    }

    private mutating func node(
        _ event: YAMLEventSource.Event, at place: SourcePlace, depth: Int
    ) throws(YAMLSyntaxError) -> YAMLNode {
        guard depth <= limits.depth else {
            throw YAMLSyntaxError(place: place, message: "nested more than \(limits.depth) deep", isLimit: true)
        }
        if case .alias(let name) = event { return try alias(name, at: place) }
        try count(1, at: place)
        switch event {
        case .scalar(var scalar, let tag, let anchor):
            if let tag { apply(tag, to: &scalar, at: place) }
            return keep(YAMLNode(.scalar(scalar), at: place), as: anchor)
        case .sequenceStart(let tag, let anchor):
            checkTag(tag, is: "tag:yaml.org,2002:seq", at: place)
            return keep(try sequence(at: place, depth: depth), as: anchor)
        case .mappingStart(let tag, let anchor):
            checkTag(tag, is: "tag:yaml.org,2002:map", at: place)
            return keep(try mapping(at: place, depth: depth), as: anchor)
        default: throw YAMLSyntaxError(place: place, message: "a value was expected")
        }
    }

    private mutating func sequence(at place: SourcePlace, depth: Int) throws(YAMLSyntaxError) -> YAMLNode {
        var items: [YAMLNode] = []
        var weight = 1
        while true {
            let (event, itemPlace) = try events.next()
            if case .sequenceEnd = event { return YAMLNode(.sequence(items), at: place, weight: weight) }
            path.append(.index(items.count))
            let item = try node(event, at: itemPlace, depth: depth + 1)
            path.removeLast()
            weight += item.weight
            items.append(item)
        }
    }

    private mutating func mapping(at place: SourcePlace, depth: Int) throws(YAMLSyntaxError) -> YAMLNode {
        var entries: [YAMLNode.Entry] = []
        var places: [String: SourcePlace] = [:]
        var merged: [YAMLNode] = []
        var mergePlace: SourcePlace?
        while true {
            let (event, keyPlace) = try events.next()
            if case .mappingEnd = event { break }
            let key = try node(event, at: keyPlace, depth: depth + 1)
            let (valueEvent, valuePlace) = try events.next()
            guard case .scalar(let scalar) = key.content, !scalar.text.isEmpty else {
                report(keyPlace, "a key must be a word")
                _ = try node(valueEvent, at: valuePlace, depth: depth + 1)
                continue
            }
            path.append(.key(scalar.text))
            defer { path.removeLast() }
            let value = try node(valueEvent, at: valuePlace, depth: depth + 1)
            if scalar.text == "<<", scalar.isPlain {
                if let mergePlace {
                    report(
                        keyPlace,
                        "duplicate key; it is already in line \(mergePlace.line); write <<: [*one, *other] there")
                }
                mergePlace = mergePlace ?? keyPlace
                merged += mergeable(value)
            } else if let first = places[scalar.text] {
                report(keyPlace, "duplicate key; it is already in line \(first.line)")
            } else {
                places[scalar.text] = keyPlace
                entries.append(YAMLNode.Entry(key: scalar.text, keyPlace: keyPlace, value: value))
            }
        }
        // What the mapping says itself goes before what it merges, and the first merged before the later.
        for entry in merged.lazy.compactMap(\.entries).joined() where places[entry.key] == nil {
            try count(entry.value.weight + 1, at: place)
            places[entry.key] = entry.keyPlace
            entries.append(entry)
        }
        let weight = entries.reduce(1) { $0 + $1.value.weight + 1 }
        return YAMLNode(.mapping(entries), at: place, weight: weight)
    }

    /// The mappings after `<<`: one, or a list.
    private mutating func mergeable(_ node: YAMLNode) -> [YAMLNode] {
        switch node.content {
        // Nothing to merge, or an alias that has been reported.
        case .scalar where node.isNull: return []
        case .mapping: return [node]
        case .sequence(let items) where items.allSatisfy({ $0.entries != nil }): return items
        default:
            report(node.place, "\"<<\" merges a mapping or a list of mappings, such as *defaults")
            return []
        }
    }

    private mutating func alias(_ name: String, at place: SourcePlace) throws(YAMLSyntaxError) -> YAMLNode {
        guard var node = anchors[name]?.node else {
            report(place, "the alias *\(excerpt(name)) has no anchor &\(excerpt(name)) above it")
            return YAMLNode(.scalar(YAMLScalar(text: "", isPlain: true)), at: place)
        }
        try count(node.weight, at: place)
        node.place = place
        return node
    }

    private mutating func keep(_ node: YAMLNode, as anchor: String?) -> YAMLNode {
        guard let anchor else { return node }
        if let first = anchors[anchor]?.place {
            report(
                node.place,
                "the anchor &\(excerpt(anchor)) is already in line \(first.line); give this one another name")
        }
        anchors[anchor] = (node, node.place)
        return node
    }

    private mutating func apply(_ tag: String, to scalar: inout YAMLScalar, at place: SourcePlace) {
        if tag == "!" {
            scalar.type = .str
        } else if tag.hasPrefix("tag:yaml.org,2002:"),
            let type = YAMLScalar.CoreType(rawValue: String(tag.dropFirst(18)))
        {
            scalar.type = type
        } else {
            report(place, "the tag \(excerpt(tag)) is not supported; leave it out")
        }
    }

    private mutating func checkTag(_ tag: String?, is known: String, at place: SourcePlace) {
        guard let tag, tag != known, tag != "!" else { return }
        report(place, "the tag \(excerpt(tag)) is not supported; leave it out")
    }
}
