/// A place in a text that a value came from: a file, or an argument of the command line.
public struct SourceLocation: Hashable, Sendable {
    /// What locations name instead of a file where a value was given on a command line.
    package static let overrides = "--set"

    /// The file's path as the user named it, or a label such as `--set`.
    public var file: String
    /// The line, counted from 1.
    public var line: Int
    /// The column in characters, counted from 1.
    public var column: Int
    /// How many characters the value takes on its line; at least 1.
    public var length: Int

    /// Creates a location; `line` and `column` count from 1.
    public init(file: String, line: Int, column: Int, length: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
        self.length = max(1, length)
    }

    /// Whether the value was given on a command line, over what the files say.
    var isOverride: Bool { file == Self.overrides }
}

extension SourceLocation: CustomStringConvertible {
    /// `file:line:column`, the form that editors turn into a link.
    public var description: String { "\(file):\(line):\(column)" }
}
