/// One thing that is wrong with a configuration, with the facts to find and mend it.
public struct Diagnostic: Error, Hashable, Sendable {
    /// What kind of mistake it is; the raw value is its name for programs.
    public enum Code: String, Hashable, Sendable {
        /// The text is not YAML, or uses what Strata's subset leaves out.
        case syntax
        /// A key that no setting has.
        case unknownKey = "unknown_key"
        /// A key that stands twice.
        case duplicateKey = "duplicate_key"
        /// A required key is absent.
        case missingKey = "missing_key"
        /// A value of another kind than the setting takes.
        case typeMismatch = "type_mismatch"
        /// A value outside the setting's range.
        case outOfRange = "out_of_range"
        /// A name that nothing has: a layer, a type, an input.
        case unknownName = "unknown_name"
        /// Settings that contradict each other.
        case conflict
        /// Shapes of connected layers that do not fit.
        case shapeMismatch = "shape_mismatch"
        /// A network that is not a usable graph: a cycle, an unused layer.
        case graph
        /// More memory or nodes than the limits allow.
        case limit
        /// A file that the configuration names is missing or unusable.
        case file
        /// The path of a file is right, but its device or the system failed.
        case device
    }

    /// What kind of mistake it is.
    public var code: Code
    /// The setting's path from the root: `["network", "layers", "lstm2", "units"]`.
    public var path: [String]
    /// One sentence that says what is wrong, without a final full stop.
    public var message: String
    /// Where the value stands, if it came from a text.
    public var location: SourceLocation?
    /// What to do about it, in a few words.
    public var hint: String?
    /// Further places that belong to the mistake, such as the first of two equal keys.
    public var notes: [Note]
    /// The settings that it follows from, where those are not just the one of `path`; a key may be
    /// ``anyKey``.
    package var causes: [[String]] = []

    /// Stands for every key in a path of `causes`; no layer can have this name.
    package static let anyKey = "*"

    /// A further place that belongs to a mistake.
    public struct Note: Hashable, Sendable {
        /// What is at the place.
        public var message: String
        /// The place.
        public var location: SourceLocation?

        /// Creates a note.
        public init(_ message: String, at location: SourceLocation?) {
            self.message = message
            self.location = location
        }
    }

    /// Creates a diagnostic.
    public init(
        _ code: Code, path: [String] = [], _ message: String, at location: SourceLocation? = nil,
        hint: String? = nil, notes: [Note] = []
    ) {
        self.code = code
        self.path = path
        self.message = message
        self.location = location
        self.hint = hint
        self.notes = notes
    }
}

extension Diagnostic {
    /// The settings that the mistake may follow from: all within `path` where it is about several.
    var settings: [[String]] {
        switch code {
        case _ where !causes.isEmpty: causes
        case .conflict, .shapeMismatch, .graph, .limit: path.isEmpty ? [] : [path]
        default: []
        }
    }

    /// The same, with the settings that it follows from.
    package func following(from causes: [[String]]) -> Diagnostic {
        var result = self
        result.causes = causes
        return result
    }
}

extension Diagnostic: CustomStringConvertible {
    /// The message with its place and hint on one line.
    public var description: String {
        let place = location.map { "\($0): " } ?? (path.isEmpty ? "" : path.dotted + ": ")
        let text = place + "error: " + message + (hint.map { " (\($0))" } ?? "")
        return text.printable
    }
}

extension [String] {
    /// A setting's path as it is written after `--set`: `training.epochs`.
    package var dotted: String { joined(separator: ".") }
}
