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

/// Everything that is wrong with a configuration, found in one go.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    /// The mistakes, in the order of the file; never empty.
    public var diagnostics: [Diagnostic]
    /// The texts that the locations point into.
    public var texts: SourceTexts

    /// Creates an error of at least one diagnostic.
    ///
    /// Those that name a setting and no place get the place of that setting in the texts.
    public init(_ diagnostics: [Diagnostic], texts: SourceTexts = SourceTexts()) {
        let placed = diagnostics.map { diagnostic in
            var diagnostic = diagnostic
            diagnostic.location = diagnostic.location ?? texts.place(of: diagnostic.path)
            return diagnostic
        }
        // A file is decoded part by part, but read from top to bottom; files follow each other in
        // the order of their first mistakes.
        var ranks: [String?: Int] = [:]
        let keys = placed.enumerated().map { offset, diagnostic in
            let place = diagnostic.location
            let rank = ranks[place?.file] ?? offset
            ranks[place?.file] = rank
            return (rank, place?.line ?? 0, place?.column ?? 0, offset)
        }
        self.diagnostics = placed.indices.sorted { keys[$0] < keys[$1] }.map { placed[$0] }
        self.texts = texts
    }

    /// All mistakes rendered like a compiler's, with source lines and carets.
    public var description: String {
        diagnostics.map { DiagnosticRenderer(texts: texts).render($0) }.joined(separator: "\n")
    }
}
