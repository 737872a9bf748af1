/// Reads a YAML file into nodes, and says everything that is wrong with it as YAML.
struct YAMLReader {
    /// A gateway.yaml is some kilobytes; these bound what a hostile or mistaken file can cost.
    struct Limits {
        var bytes = 1 << 20
        var depth = 64
        /// Values with every alias written out.
        var nodes = 100_000
        var problems = 100
    }

    struct Reading {
        var root: YAMLNode?
        var problems: [YAMLSyntaxError]
        /// Whether nothing had to be left out.
        var isWhole: Bool
    }

    var limits = Limits()

    func read(_ bytes: [UInt8]) -> Reading {
        guard bytes.count <= limits.bytes else {
            let message = "the file has \(bytes.count) bytes; at most \(limits.bytes) are read"
            return Reading(
                root: nil, problems: [YAMLSyntaxError(place: SourcePlace(line: 1, column: 1), message: message)],
                isWhole: false)
        }
        if let fault = YAMLText.firstFault(in: bytes) { return Reading(root: nil, problems: [fault], isWhole: false) }
        // libyaml would give a byte order mark a column, and so an indentation.
        return compose(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes)
    }

    /// libyaml stops at the first syntax error. So that all are reported at once, the block it is in is blanked and the
    /// file read again.
    private func compose(_ bytes: [UInt8]) -> Reading {
        var text = bytes
        var errors: [YAMLSyntaxError] = []
        while true {
            var composer = YAMLComposer(text, limits: limits)
            do {
                let root = try composer.document()
                return Reading(root: root, problems: errors + composer.problems, isWhole: errors.isEmpty)
            } catch {
                if let last = errors.last, error.place <= last.place {
                    return Reading(root: nil, problems: errors, isWhole: false)
                }
                let error = pointingAtTab(pointingAtBeginning(error, in: text), in: text)
                errors.append(error)
                guard !error.isLimit, errors.count < 10, YAMLText.blankBlock(in: &text, around: error.place.line)
                else { return Reading(root: nil, problems: errors + composer.problems, isWhole: false) }
            }
        }
    }

    /// What is never closed is noticed in another block of the file, or at its end; it is to be mended where it begins.
    private func pointingAtBeginning(_ error: YAMLSyntaxError, in bytes: [UInt8]) -> YAMLSyntaxError {
        guard let beginning = error.beginning, beginning.line < error.place.line,
            YAMLText.block(around: beginning.line, in: bytes) != YAMLText.block(around: error.place.line, in: bytes)
        else { return error }
        var mended = error
        mended.place = beginning
        return mended
    }

    /// libyaml blames whatever comes of a tab in the indentation; the tab is what has to go.
    private func pointingAtTab(_ error: YAMLSyntaxError, in bytes: [UInt8]) -> YAMLSyntaxError {
        guard !error.isLimit else { return error }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.indices.contains(error.place.line - 1) else { return error }
        let indentation = lines[error.place.line - 1].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard let tab = indentation.firstIndex(of: UInt8(ascii: "\t")) else { return error }
        var mended = error
        mended.place.column = tab - indentation.startIndex + 1
        mended.message = "a tab is used for indentation; use spaces"
        return mended
    }
}
