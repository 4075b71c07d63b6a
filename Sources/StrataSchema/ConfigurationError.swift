/// What is wrong with a configuration, found in one go.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    /// The mistakes, in the order of the file; never empty.
    public var diagnostics: [Diagnostic]
    /// The texts that the locations point into.
    public var texts: SourceTexts
    /// How many further mistakes there are that `diagnostics` does not hold.
    public var omitted: Int

    /// Creates an error of at least one diagnostic.
    ///
    /// Those that name a setting and no place get the place of that setting in the texts; those
    /// that follow from an override get the override's. Of more than a hundred the rest is counted.
    ///
    /// - Parameter omitted: how many further mistakes there are already.
    public init(
        _ diagnostics: [Diagnostic], texts: SourceTexts = SourceTexts(), omitted: Int = 0
    ) {
        let told = diagnostics.prefix(DiagnosticList.limit)
        let overrides = texts.overrides
        let placed = told.map { $0.placed(in: texts, overrides) }
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
        self.omitted = omitted + diagnostics.count - told.count
    }

    /// All mistakes rendered like a compiler's, with source lines and carets.
    public var description: String {
        let renderer = DiagnosticRenderer(texts: texts)
        let entries = diagnostics.map { renderer.render($0) }
        return (entries + (omitted > 0 ? ["and \(omitted) more"] : [])).joined(separator: "\n")
    }

    /// The same mistakes with the texts that they are about.
    package func showing(_ texts: SourceTexts) -> ConfigurationError {
        ConfigurationError(diagnostics, texts: texts, omitted: omitted)
    }
}

extension Diagnostic {
    /// The diagnostic with its place in texts: that of its setting, or of an override that it
    /// follows from, for what was given last is what a reader wants to see first.
    fileprivate func placed(
        in texts: SourceTexts, _ overrides: [SourceTexts.Override]
    ) -> Diagnostic {
        var result = self
        result.location = location ?? texts.place(of: path)
        let known = [result.location] + notes.map(\.location)
        var causes = places(of: overrides).filter { !known.contains($0) }
        if let own = result.location, !own.isOverride, let first = causes.first {
            causes.removeFirst()
            result.location = first
            result.notes.append(.init("'\(path.dotted)' is set here", at: own))
        }
        result.notes += causes.map { .init("this override takes part", at: $0) }
        return result
    }

    /// Where overrides gave settings that the mistake follows from, one place for each override.
    private func places(of overrides: [SourceTexts.Override]) -> [SourceLocation] {
        var lines: Set<Int> = []
        return settings.flatMap { setting in
            overrides.filter { $0.isWithin(setting) && lines.insert($0.place.line).inserted }
        }.map(\.place)
    }
}
