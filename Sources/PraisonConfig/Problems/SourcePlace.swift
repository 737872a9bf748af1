/// Where something stands in a file: line and column, both from 1; a column counts Unicode scalars.
public struct SourcePlace: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// The place of what no file says, such as an environment variable.
    public static let outside = SourcePlace(line: 0, column: 0)

    public var description: String { "\(line):\(column)" }

    public static func < (left: Self, right: Self) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}
