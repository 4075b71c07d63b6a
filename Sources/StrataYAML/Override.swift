import StrataSchema

/// One setting given on a command line: `training.optimizer.learning_rate=1e-3`.
struct Override {
    private static let file = SourceLocation.overrides

    private struct Step {
        var key: String
        var location: SourceLocation
    }

    private var steps: [Step]
    private var value: ConfigNode

    /// Applies overrides in order, or throws all that is wrong with them.
    static func apply(
        _ arguments: [String], to root: inout ConfigNode, texts: inout SourceTexts,
        limits: YAMLLimits
    ) throws(ConfigurationError) {
        guard !arguments.isEmpty else { return }
        let lines = arguments.map { String($0.map { $0.isNewline ? " " : $0 }) }
        texts.add(lines.joined(separator: "\n"), file: file)
        var diagnostics = DiagnosticList()
        for (index, argument) in arguments.enumerated() {
            do throws(ConfigurationError) {
                let override = try Override(argument, line: index + 1, limits: limits)
                do throws(Diagnostic) {
                    try set(override.value, override.steps[...], in: &root, path: [])
                } catch {
                    diagnostics.append(error)
                }
            } catch {
                diagnostics.append(error)
            }
        }
        try diagnostics.throwIfAny(texts: texts)
    }

    private init(_ argument: String, line: Int, limits: YAMLLimits) throws(ConfigurationError) {
        let whole = SourceLocation(
            file: Self.file, line: line, column: 1, length: argument.count)
        guard let equals = argument.firstIndex(of: "=") else {
            throw ConfigurationError([
                Diagnostic(
                    .syntax, "there is no '=' in this override", at: whole,
                    hint: "write path.to.setting=value")
            ])
        }
        guard !argument.contains(where: \.isNewline) else {
            throw ConfigurationError([
                Diagnostic(
                    .syntax, "an override is one line", at: whole,
                    hint: "in double quotes a new line can be written as \"\\n\"")
            ])
        }
        steps = try Self.steps(argument[..<equals], line: line, limits: limits)
        let valueStart = argument.index(after: equals)
        value = try Self.value(
            String(argument[valueStart...]), line: line,
            column: argument.distance(from: argument.startIndex, to: valueStart) + 1,
            limits: limits)
    }

    private static func steps(
        _ path: Substring, line: Int, limits: YAMLLimits
    ) throws(ConfigurationError) -> [Step] {
        var steps: [Step] = []
        var column = 1
        for part in path.split(separator: ".", omittingEmptySubsequences: false) {
            let start = part.prefix(while: \.isWhitespace).count
            let key = part.dropFirst(start).reversed().drop(while: \.isWhitespace).reversed()
            steps.append(
                Step(
                    key: String(key),
                    location: SourceLocation(
                        file: file, line: line, column: column + start, length: key.count)))
            column += part.count + 1
        }
        if let empty = steps.first(where: \.key.isEmpty) {
            throw ConfigurationError([
                Diagnostic(
                    .syntax, "a part of the setting's path is empty", at: empty.location,
                    hint: "write path.to.setting=value")
            ])
        }
        if let first = steps.first, first.key == "extends" {
            throw ConfigurationError([
                Diagnostic(.conflict, "only a file can say 'extends'", at: first.location)
            ])
        }
        if steps.count > limits.depth, let last = steps.last {
            throw ConfigurationError([.tooDeep(limits, at: last.location)])
        }
        return steps
    }

    private static func value(
        _ text: String, line: Int, column: Int, limits: YAMLLimits
    ) throws(ConfigurationError) -> ConfigNode {
        let locator = Locator(text: text, file: file, firstLine: line, firstColumn: column)
        var composer = Composer(locator, limits: limits)
        let root = composer.compose(SourceText(Array(text.utf8)))
        try composer.diagnostics.throwIfAny()
        let location = SourceLocation(
            file: file, line: line, column: column, length: text.count)
        if let root { return root }
        guard text.allSatisfy(\.isWhitespace) else {
            throw ConfigurationError([
                Diagnostic(
                    .syntax, "this value is only a comment", at: location,
                    hint: "text that begins with '#' needs quotes")
            ])
        }
        return ConfigNode(.scalar("", isPlain: true), location: location)
    }

    // MARK: Setting

    private static func set(
        _ value: ConfigNode, _ steps: ArraySlice<Step>, in node: inout ConfigNode,
        path: [String]
    ) throws(Diagnostic) {
        guard let step = steps.first else {
            node = value
            return
        }
        if var elements = node.elements {
            let index = try elementIndex(step, count: elements.count, path: path)
            try set(value, steps.dropFirst(), in: &elements[index], path: path + [step.key])
            node.content = .sequence(elements)
            return
        }
        var entries = try settings(of: node, for: step, path: path)
        // What was no mapping became one by this override.
        if node.entries == nil { node.location = step.location }
        if steps.count == 1, step.key == "type" { entries = Merge.marking(entries, for: value) }
        let place = entries.firstIndex { $0.key == step.key } ?? entries.count
        if place == entries.count {
            let empty = ConfigNode(.mapping([]), location: step.location)
            entries.append(.init(key: step.key, keyLocation: step.location, value: empty))
        } else if steps.count == 1 {
            entries[place].keyLocation = step.location
            entries[place].isOfOtherType = false
        }
        try set(value, steps.dropFirst(), in: &entries[place].value, path: path + [step.key])
        node.content = .mapping(entries)
    }

    private static func elementIndex(
        _ step: Step, count: Int, path: [String]
    ) throws(Diagnostic) -> Int {
        if let index = Int(step.key), (0..<count).contains(index) { return index }
        throw Diagnostic(
            .unknownName, path: path, "'\(path.dotted)' is a list of \(count)",
            at: step.location,
            hint: count > 0 ? "name an element by its index, 0 to \(count - 1)" : nil)
    }

    /// The entries to set a key in.
    private static func settings(
        of node: ConfigNode, for step: Step, path: [String]
    ) throws(Diagnostic) -> [ConfigNode.Entry] {
        if node.isNull { return [] }
        // A type written alone becomes a mapping, but nobody numbers the settings of one.
        let isNumber = Int(step.key) != nil || step.key.allSatisfy(\.isWholeNumber)
        let isIndex = isNumber && node.entries == nil
        if !isIndex, let entries = Merge.settings(of: node) { return entries }
        throw Diagnostic(
            .typeMismatch, path: path,
            "'\(path.dotted)' is \(node.kindInWords), "
                + (isIndex ? "not a list" : "which has no settings of its own"),
            at: step.location, notes: [.init("it is set here", at: node.location)])
    }
}
