/// What a decoding pass carries along: where it is, and the mistakes found so far.
public struct DecodingContext: Sendable {
    /// The path of the setting that is being read.
    public private(set) var path: [String] = []
    /// The mistakes found so far, in order; at most a hundred.
    public var diagnostics: [Diagnostic] { found.diagnostics }
    /// How many mistakes were found so far.
    package var mistakes: Int { found.count }

    private var found = DiagnosticList()

    /// Creates a context without mistakes.
    public init() {}

    /// Notes a mistake at the current path.
    public mutating func report(
        _ code: Diagnostic.Code, _ message: String, at location: SourceLocation?,
        hint: @autoclosure () -> String? = nil, notes: [Diagnostic.Note] = []
    ) {
        found.append(
            Diagnostic(code, path: path, message, at: location, hint: hint(), notes: notes))
    }

    /// Notes a mistake found elsewhere.
    public mutating func report(_ diagnostic: Diagnostic) {
        found.append(diagnostic)
    }

    /// Notes that a value has the wrong kind.
    public mutating func reportMismatch(
        _ node: ConfigNode, expected: String, hint: String? = nil
    ) {
        report(
            .typeMismatch, "expected \(expected), not \(node.kindInWords)", at: node.location,
            hint: hint)
    }

    /// Runs `body` with `key` appended to the path.
    public mutating func descend<Result>(
        into key: String, _ body: (inout DecodingContext) -> Result
    ) -> Result {
        path.append(key)
        defer { path.removeLast() }
        return body(&self)
    }

    /// Throws all mistakes found, if there are any.
    public func throwIfAny(texts: SourceTexts) throws(ConfigurationError) {
        try found.throwIfAny(texts: texts)
    }
}
