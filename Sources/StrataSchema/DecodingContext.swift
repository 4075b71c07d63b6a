/// What a decoding pass carries along: where it is, and all mistakes found so far.
public struct DecodingContext: Sendable {
    /// The path of the setting that is being read.
    public private(set) var path: [String] = []
    /// The mistakes found so far, in order.
    public private(set) var diagnostics: [Diagnostic] = []

    /// Creates a context without mistakes.
    public init() {}

    /// Notes a mistake at the current path.
    public mutating func report(
        _ code: Diagnostic.Code, _ message: String, at location: SourceLocation?,
        hint: String? = nil, notes: [Diagnostic.Note] = []
    ) {
        diagnostics.append(
            Diagnostic(code, path: path, message, at: location, hint: hint, notes: notes))
    }

    /// Notes a mistake found elsewhere.
    public mutating func report(_ diagnostic: Diagnostic) {
        diagnostics.append(diagnostic)
    }

    /// Notes that a value has the wrong kind.
    public mutating func reportMismatch(_ node: ConfigNode, expected: String) {
        report(
            .typeMismatch, "expected \(expected), not \(node.kindInWords)", at: node.location)
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
        if !diagnostics.isEmpty { throw ConfigurationError(diagnostics, texts: texts) }
    }
}
