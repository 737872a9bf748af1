import CLibYAML

/// What libyaml finds in a text, one piece after the other.
///
/// The parser is owned by one reader for the time of one read, so it is a class only to free its memory.
final class YAMLEventSource {
    enum Event {
        case documentStart, documentEnd, streamStart, streamEnd
        case scalar(YAMLScalar, tag: String?, anchor: String?)
        case alias(String)
        case sequenceStart(tag: String?, anchor: String?)
        case sequenceEnd
        case mappingStart(tag: String?, anchor: String?)
        case mappingEnd
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>
    private let isReady: Bool

    /// - Parameter bytes: UTF-8 without characters that YAML forbids, see ``YAMLText``.
    init(_ bytes: [UInt8]) {
        text = .allocate(capacity: bytes.count)
        _ = text.initialize(from: bytes)
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        isReady = yaml_parser_initialize(parser) == 1
        guard isReady else { return }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    }

    deinit {
        if isReady { yaml_parser_delete(parser) }
        parser.deallocate()
        text.deallocate()
    }

    func next() throws(YAMLSyntaxError) -> (event: Event, place: SourcePlace) {
        guard isReady else {
            throw YAMLSyntaxError(place: SourcePlace(line: 1, column: 1), message: "out of memory", isLimit: true)
        }
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
        defer { yaml_event_delete(&event) }
        return (Self.event(event), Self.place(event.start_mark))
    }

    private static func event(_ event: yaml_event_t) -> Event {
        switch event.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias(string(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            return .scalar(
                YAMLScalar(text: text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE),
                tag: string(scalar.tag), anchor: string(scalar.anchor))
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            return .sequenceStart(tag: string(start.tag), anchor: string(start.anchor))
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            return .mappingStart(tag: string(start.tag), anchor: string(start.anchor))
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        default: return .streamEnd
        }
    }

    private static func string(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    /// libyaml counts both from 0.
    private static func place(_ mark: yaml_mark_t) -> SourcePlace {
        SourcePlace(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }

    private func syntaxError() -> YAMLSyntaxError {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "no YAML"
        let context = state.context.map { String(cString: $0) } ?? ""
        let place = Self.place(state.problem_mark)
        // A block's beginning says nothing: it is often the first line of the file.
        let isTelling = !context.isEmpty && !context.hasPrefix("while parsing a block")
        return YAMLSyntaxError(
            place: place, beginning: isTelling ? Self.place(state.context_mark) : nil,
            message: YAMLSyntaxError.message(
                for: problem, context: context, character: YAMLText.character(at: place, in: Array(text))))
    }
}
