/// The mistakes found so far: the first hundred, and how many came after them.
///
/// Those that come after are counted alone, so that a text full of mistakes costs little more than one with a few.
package struct DiagnosticList: Sendable {
    /// How many mistakes are told.
    package static let limit = 100

    /// The mistakes to tell, in the order in which they were found.
    package private(set) var diagnostics: [Diagnostic] = []
    /// How many more there are.
    package private(set) var omitted = 0

    /// Creates an empty list.
    package init() {}

    /// How many mistakes there are in all.
    package var count: Int { diagnostics.count + omitted }
    /// Whether there are none.
    package var isEmpty: Bool { diagnostics.isEmpty }

    /// Adds a mistake, or only counts it.
    package mutating func append(_ diagnostic: @autoclosure () -> Diagnostic) {
        if diagnostics.count < Self.limit {
            diagnostics.append(diagnostic())
        } else {
            omitted += 1
        }
    }

    /// Adds the mistakes of an error.
    package mutating func append(_ error: ConfigurationError) {
        for diagnostic in error.diagnostics { append(diagnostic) }
        omitted += error.omitted
    }

    /// Throws the mistakes, if there are any.
    package func throwIfAny(texts: SourceTexts = SourceTexts()) throws(ConfigurationError) {
        guard !isEmpty else { return }
        throw ConfigurationError(diagnostics, texts: texts, omitted: omitted)
    }
}
