/// Why a text is no YAML, or more of it than is read.
struct YAMLSyntaxError: Error, Sendable {
    var place: SourcePlace
    /// The construct being read began here, when that helps to find the mistake.
    var beginning: SourcePlace?
    /// Where in the document, as far as that is known.
    var path: [Step] = []
    var message: String
    /// Whether the rest of the file is worth reading.
    var isLimit = false

    /// One step from a node down to a node in it.
    enum Step: Hashable, Sendable {
        case key(String)
        case index(Int)
    }

    /// Puts libyaml's words into ours.
    ///
    /// - Parameter character: what stands at the place of the problem.
    static func message(for problem: String, context: String, character: Unicode.Scalar?) -> String {
        switch problem {
        case "found character that cannot start any token":
            guard let character else { return "a value cannot start like this; put it in quotes" }
            return character == "\t"
                ? "a tab is used for indentation; use spaces"
                : "a value cannot start with \"\(character)\"; put it in quotes"
        case "found a tab character that violates indentation",
            "found a tab character where an indentation space is expected":
            return "a tab is used for indentation; use spaces"
        case "mapping values are not allowed in this context":
            return
                "unexpected \":\" here; put the value in quotes, mend the indentation, or end the line above with \":\""
        case "could not find expected ':'":
            return "a key without \":\" after it; write key: value"
        case "did not find expected key":
            return "the indentation does not fit the lines above, or a quote is not closed"
        case "did not find expected '-' indicator":
            return "a list item was expected; every item starts with \"- \" in the same column"
        case "block sequence entries are not allowed in this context":
            return "a list cannot start here; put it on the next line"
        case "did not find expected ',' or ']'": return "a list in [ ] is not closed, or a comma is missing"
        case "did not find expected ',' or '}'": return "a mapping in { } is not closed, or a comma is missing"
        case "found unexpected end of stream": return "a quoted text is not closed"
        case "found unexpected document indicator": return "a quoted text is not closed"
        case "found unknown escape character":
            return "an unknown escape after \"\\\"; write \\\\ for a backslash, or use single quotes"
        case "found undefined tag handle", "did not find expected digit or letter":
            return "an unknown tag; leave it out"
        case "did not find expected alphabetic or numeric character":
            return "\"&\" and \"*\" begin an anchor or alias and need a name; put the value in quotes if none is meant"
        default:
            return context.isEmpty ? problem : "\(context): \(problem)"
        }
    }
}
