/// Everything that is wrong with a configuration, found in one go.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    /// The mistakes, in the order of the file; never empty.
    public var diagnostics: [Diagnostic]
    /// The texts that the locations point into.
    public var texts: SourceTexts

    /// Creates an error of at least one diagnostic.
    ///
    /// Those that name a setting and no place get the place of that setting in the texts; those
    /// that follow from an override get the override's.
    public init(_ diagnostics: [Diagnostic], texts: SourceTexts = SourceTexts()) {
        let placed = diagnostics.map { $0.placed(in: texts) }
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

extension Diagnostic {
    /// The diagnostic with its place in texts: that of its setting, or of an override that it
    /// follows from, for what was given last is what a reader wants to see first.
    fileprivate func placed(in texts: SourceTexts) -> Diagnostic {
        var result = self
        result.location = location ?? texts.place(of: path)
        let known = [result.location] + notes.map(\.location)
        var overrides = texts.overrides(within: settings).filter { !known.contains($0) }
        if let own = result.location, !own.isOverride, let first = overrides.first {
            overrides.removeFirst()
            result.location = first
            result.notes.append(.init("'\(path.dotted)' is set here", at: own))
        }
        result.notes += overrides.map { .init("this override takes part", at: $0) }
        return result
    }
}
